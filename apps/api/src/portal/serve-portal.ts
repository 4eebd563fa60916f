import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Addresses that are pages of the portal; each is answered with its one document, which draws the page. */
const PAGES = ['/', '/alerts/*', '/objects/*', '/visits', '/visits/*', '/filters', '/filters/*'];

/** What the portal needs and nothing else: no script, style or image from elsewhere. */
const POLICY =
  "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** Serves the built portal at `/`. Without a build there is only the API. */
export async function servePortal(app: NestFastifyApplication, folder: string): Promise<boolean> {
  if (!existsSync(join(folder, 'index.html'))) return false;
  const fastify = app.getHttpAdapter().getInstance();
  await app.register(
    fastifyStatic as never,
    { root: join(folder, 'assets'), prefix: '/assets/', immutable: true, maxAge: '365d', decorateReply: true } as never,
  );
  for (const page of PAGES)
    fastify.get(page, (_request, reply) => {
      const answer = reply as typeof reply & { sendFile(name: string, root: string, options: object): unknown };
      void answer.header('content-security-policy', POLICY).header('x-content-type-options', 'nosniff');
      return answer.sendFile('index.html', folder, { maxAge: 0, immutable: false });
    });
  return true;
}
