import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { AccessService, type Caller } from '#libs/accounts';
import { publishedFor, type TapAnswer, type VoTableset } from '#libs/vo';
import { answerOf } from './vo-error.filter.js';

export interface AskedOfVo {
  /** tap, scs, sia ... */
  readonly door: string;
  readonly query: string;
}

/** What a query may touch, and how many rows it may give. */
export interface QueryScope {
  readonly tableset: VoTableset;
  readonly maximumRows: number;
}

/** Queries as their callers' rights and quotas allow: one of their places while it runs, counted and written down when it ends. */
@Injectable()
export class VoQueries {
  constructor(@Inject(AccessService) private readonly access: AccessService) {}

  tableset(caller: Caller): Promise<VoTableset> {
    return publishedFor(this.access, caller.principal);
  }

  checkUpload(caller: Caller, bytes: number): Promise<void> {
    return this.access.checkQuota(caller, 'uploadBytes', bytes);
  }

  checkJobs(caller: Caller): Promise<void> {
    return this.access.checkQuota(caller, 'openJobs');
  }

  /** Runs a query to the end of its result, which `use` consumes. */
  async run<T>(
    caller: Caller,
    asked: AskedOfVo,
    start: (scope: QueryScope) => Promise<TapAnswer>,
    use: (answer: TapAnswer) => Promise<T>,
  ): Promise<T> {
    return this.access.withQuery(caller, async () => {
      const startedAt = new Date();
      const spent = { bytes: 0 };
      let answer: TapAnswer | undefined;
      let failure: unknown;
      try {
        const [tableset, quota] = await Promise.all([this.tableset(caller), this.access.quotaOf(caller)]);
        answer = await start({ tableset, maximumRows: quota.rowsPerQuery ?? Infinity });
        return await use({ ...answer, body: counted(answer.body, spent) });
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        this.#record(caller, asked, startedAt, spent.bytes, answer, failure ?? answer?.outcome.error);
      }
    });
  }

  #record(
    caller: Caller,
    { door, query }: AskedOfVo,
    startedAt: Date,
    bytes: number,
    answer: TapAnswer | undefined,
    failure: unknown,
  ): void {
    const rows = answer?.outcome.rows ?? 0;
    this.access.spend(caller, { rows, bytes });
    const seconds = (Date.now() - startedAt.getTime()) / 1000;
    const code = (failure as { code?: unknown } | undefined)?.code;
    this.access.recordQuery(caller, {
      door,
      language: 'ADQL',
      query,
      startedAt,
      seconds,
      rows,
      bytes,
      ...(failure !== undefined && {
        error: {
          code: typeof code === 'string' ? code : 'INTERNAL',
          message: answerOf(failure).message ?? 'an error of ours',
        },
      }),
    });
  }

  /** The result as the body of a reply. */
  stream(
    reply: FastifyReply,
    caller: Caller,
    asked: AskedOfVo,
    start: (scope: QueryScope) => Promise<TapAnswer>,
    mime?: string,
  ): Promise<void> {
    return this.run(caller, asked, start, async ({ body, format }) => {
      const stream = Readable.from(body, { objectMode: false });
      void reply
        .status(200)
        .type(mime ?? format.mime)
        .send(stream);
      // the reader may go away: that ends the query, and is nobody's error
      await finished(stream).catch(() => undefined);
    });
  }
}

/** Small pieces are sent together: each one would be a call of the system. */
const PIECE_BYTES = 65_536;

async function* counted(body: AsyncIterable<Uint8Array>, spent: { bytes: number }): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    spent.bytes += piece.length;
    waiting.push(piece);
    size += piece.length;
    if (size < PIECE_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(waiting);
}
