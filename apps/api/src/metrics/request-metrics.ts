import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { MetricsRegistry } from '#libs/observability';

/** Counts and times every request by route (never by address, which would make a series of each identifier). */
export function measureRequests(app: NestFastifyApplication): void {
  const seconds = app
    .get(MetricsRegistry)
    .histogram('almagest_http_request_seconds', 'Time from request to the end of its answer.');
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? 'none';
      seconds.observe(reply.elapsedTime / 1000, { method: request.method, route, status: String(reply.statusCode) });
      done();
    });
}
