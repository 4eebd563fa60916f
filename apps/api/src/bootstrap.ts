import 'reflect-metadata';
import fastifyMultipart from '@fastify/multipart';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { randomUUID } from 'node:crypto';
import type { AppConfig } from '#libs/config';
import { SOFTWARE_VERSION } from '#libs/processing';
import { guardRequests } from './accounts/request-guard.js';
import { AppModule } from './app.module.js';
import { MAX_FRAME_BYTES } from './frames/frame-intake.js';
import { secureAnswers } from './http/security-headers.js';
import { measureRequests } from './metrics/request-metrics.js';
import { MAX_UPLOAD_BYTES } from './vo/dali-request.js';

const MAX_BODY_BYTES = 1_048_576;

/** The API as an application that is not listening yet. */
export async function createApi(
  config: AppConfig,
  options: { logger?: LoggerService | false } = {},
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    genReqId: () => randomUUID(),
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(config), adapter, {
    ...(options.logger !== undefined && { logger: options.logger }),
  });
  app.enableShutdownHooks();
  acceptFrames(app);
  await acceptUploads(app);
  measureRequests(app);
  nameServer(app);
  secureAnswers(app, config);
  guardRequests(app, config);
  return app;
}

const FRAME_TYPES = ['application/fits', 'image/fits', 'application/octet-stream'];

/** Frames reach their door as a stream: nothing is read before the caller has shown a token. */
function acceptFrames(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addContentTypeParser(FRAME_TYPES, { bodyLimit: MAX_FRAME_BYTES }, (_request, payload, done) =>
    done(null, payload),
  );
}

/** The software by name and version, as clients of the Virtual Observatory expect it of a service. */
function nameServer(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (_request, reply, done) => {
    void reply.header('server', SOFTWARE_VERSION.replace(' ', '/'));
    done();
  });
}

/** Tables that come with a query. */
async function acceptUploads(app: NestFastifyApplication): Promise<void> {
  const limits = { fileSize: MAX_UPLOAD_BYTES, files: 10, fields: 100, fieldSize: MAX_BODY_BYTES };
  await app.register(fastifyMultipart as never, { limits } as never);
}

export function describeRest(app: NestFastifyApplication): OpenAPIObject {
  const description = new DocumentBuilder()
    .setTitle('Almagest')
    .setDescription('Images, cut-outs, alerts and jobs over REST. Catalogs are asked through GraphQL at /graphql.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'an access token: alm_...' })
    .build();
  return SwaggerModule.createDocument(app, description);
}
