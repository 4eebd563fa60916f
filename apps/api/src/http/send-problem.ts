// One error, as the client of a route expects it: problem+json (RFC 9457), or the errors of a GraphQL answer.

import { Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Problem, problemOf } from './problem.js';

const log = new Logger('api');

const OURS: Problem = {
  status: 500,
  code: 'INTERNAL',
  detail: 'an error of ours; the operators find it in the log under this request id',
};

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const known = problemOf(error);
  if (!known)
    log.error(
      `${request.id} ${request.method} ${request.url}: ${error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)}`,
    );
  const problem = known ?? OURS;
  void reply.status(problem.status).headers(headersOf(request, error, problem));
  const text = (body: object): string =>
    JSON.stringify(body, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  if (request.url.startsWith('/graphql')) {
    const { detail, ...extensions } = problem;
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .send(text({ errors: [{ message: detail, extensions: { ...extensions, requestId: request.id } }] }));
  }
  const body = { type: 'about:blank', title: problem.code, instance: request.url, requestId: request.id, ...problem };
  return reply.header('content-type', 'application/problem+json').send(text(body));
}

function headersOf(request: FastifyRequest, error: unknown, { status }: Problem): Record<string, string> {
  const { retryAfterSeconds } = error as { retryAfterSeconds?: number };
  return {
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds), 'ratelimit-remaining': '0' }),
    // a browser would answer a Basic challenge with a window of its own
    ...(status === 401 && {
      'www-authenticate':
        request.headers['sec-fetch-mode'] === undefined
          ? 'Bearer realm="almagest", Basic realm="almagest"'
          : 'Bearer realm="almagest"',
    }),
  };
}
