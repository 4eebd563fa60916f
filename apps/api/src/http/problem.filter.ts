import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from './problem.js';

/** REST errors as application/problem+json. GraphQL errors pass on to its own formatter. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new Logger('api');

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType<string>() !== 'http') throw error;
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const known = problemOf(error);
    if (!known)
      this.#log.error(
        `${request.method} ${request.url}: ${error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)}`,
      );
    const problem = known ?? {
      status: 500,
      code: 'INTERNAL',
      detail: 'an error of ours; the operators find it in the log under this request id',
    };
    const body = { type: 'about:blank', title: problem.code, instance: request.url, requestId: request.id, ...problem };
    void reply
      .status(problem.status)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(body, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)));
  }
}
