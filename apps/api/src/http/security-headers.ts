// Headers that keep a browser from doing what nobody asked for, and answers to pages of other origins that the operators trust (CORS).

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AppConfig } from '#libs/config';

const METHODS = 'GET, HEAD, POST, PUT, DELETE';
const REQUEST_HEADERS = 'authorization, content-type, last-event-id, range, apollo-require-preflight';
const EXPOSED =
  'RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-VO-Authenticated, Location, Content-Disposition';
/** Data is no page: nothing in it may run or be framed. Pages bring a policy of their own. */
const POLICY = "default-src 'none'; frame-ancestors 'none'";

export function secureAnswers(app: NestFastifyApplication, config: AppConfig): void {
  const fastify = app.getHttpAdapter().getInstance();
  const { corsOrigins } = config;
  const https = config.publicUrl.startsWith('https:');
  const allowed = (origin: string): boolean => corsOrigins.includes('*') || corsOrigins.includes(origin);
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      ...(https && { 'strict-transport-security': 'max-age=31536000' }),
    });
    const { origin } = request.headers;
    if (corsOrigins.length === 0 || origin === undefined) return;
    void reply.header('vary', 'Origin');
    if (!allowed(origin)) return;
    // tokens are sent on purpose; cookies are never offered to other origins
    void reply.headers({
      'access-control-allow-origin': corsOrigins.includes('*') ? '*' : origin,
      'access-control-expose-headers': EXPOSED,
    });
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined)
      return reply
        .headers({
          'access-control-allow-methods': METHODS,
          'access-control-allow-headers': REQUEST_HEADERS,
          'access-control-max-age': '600',
        })
        .status(204)
        .send();
  });
  fastify.addHook('onSend', async (_request, reply) => {
    const type = String(reply.getHeader('content-type') ?? '');
    if (reply.getHeader('content-security-policy') === undefined && !type.startsWith('text/html'))
      void reply.header('content-security-policy', POLICY);
  });
}
