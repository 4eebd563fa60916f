import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TaskFailure } from '#libs/pipeline';
import { errorVotable, messageForCaller, VoError, type VoErrorCode, VOTABLE_TYPE } from '#libs/vo';
import { problemOf } from '../http/problem.js';

const STATUS: Readonly<Partial<Record<VoErrorCode, number>>> = {
  NO_SUCH_JOB: 404,
  NO_SUCH_TABLE: 404,
  NO_SUCH_IMAGE: 404,
  BUSY: 503,
};
const RETRY_AFTER_S = 5;

/** The status and the sentence of any error; undefined sentence: an error of ours. */
export function answerOf(error: unknown): { readonly status: number; readonly message: string | undefined } {
  if (error instanceof VoError) return { status: STATUS[error.code] ?? 400, message: error.message };
  if (error instanceof Error && error.name === 'AdqlError') return { status: 400, message: error.message };
  const problem = problemOf(error);
  return problem === undefined
    ? { status: 500, message: undefined }
    : { status: problem.status, message: problem.detail };
}

/** Errors of the doors of the Virtual Observatory: VOTables that say what is wrong (DALI 1.1, section 4.4). */
@Catch()
export class VoErrorFilter implements ExceptionFilter {
  readonly #log = new Logger('vo');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const { status, message } = answerOf(error);
    if (message === undefined)
      this.#log.error(`${request.id} ${request.method} ${request.url}: ${(error as Error).stack ?? String(error)}`);
    if (reply.sent || reply.raw.destroyed) return;
    const retryAfter =
      (error as { retryAfterSeconds?: number }).retryAfterSeconds ?? (status === 503 ? RETRY_AFTER_S : undefined);
    if (retryAfter !== undefined) void reply.header('retry-after', retryAfter);
    if (status === 401) void reply.header('www-authenticate', ['Bearer', 'Basic realm="almagest"']);
    const text = message ?? `${messageForCaller(error)} under ${request.id}`;
    void reply.status(status).type(`${VOTABLE_TYPE};charset=utf-8`).send(errorVotable(text));
  }
}

/** A mistake of the caller ends a job for good, with the sentence that a synchronous request would have had. */
export function asTaskFailure(error: unknown): never {
  const { message } = answerOf(error);
  if (message === undefined) throw error;
  throw new TaskFailure('unprocessable', (error as { code?: string }).code ?? 'FAILED', message, {}, { cause: error });
}
