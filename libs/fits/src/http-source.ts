// Bytes of a file behind HTTP, by range requests: bounded, with time limits, repeated where an answer fails or ends early.

import { FitsError } from './errors.js';
import { type ReadableAt, requireInside } from './readable.js';

export interface HttpSourceOptions {
  /** sent with every request, e.g. an authorisation */
  readonly headers?: Readonly<Record<string, string>>;
  /** for each request until its last byte; 60 s unless given */
  readonly timeoutMs?: number;
  /** how often a request is repeated that failed or brought next to nothing; 3 unless given */
  readonly retries?: number;
  /** before the first repetition, twice as long before each further one; 100 ms unless given */
  readonly retryAfterMs?: number;
  /** Small reads fetch this much and keep it, for headers are read block by block. 64 KiB unless given. */
  readonly pageBytes?: number;
  /** the most pages kept; 64 unless given */
  readonly pages?: number;
  /** what fetches; the global function unless given */
  readonly fetch?: typeof fetch;
}

/**
 * A file at a URL whose server serves ranges. Its bytes must not change meanwhile: the size, and the ETag or the date where
 * the server gives one, are held against every answer.
 * @throws FitsError SOURCE_FAILED (no answer, or one that is no success), SOURCE_CHANGED, UNSUPPORTED (no ranges)
 */
export async function openHttp(url: string, options: HttpSourceOptions = {}): Promise<ReadableAt> {
  const request = new RangeRequest(url, options);
  return new HttpSource(request, await request.probe(), options);
}

/** What must stay the same from answer to answer. */
interface Identity {
  readonly size: number;
  readonly validator: string | null;
}

class HttpSource implements ReadableAt {
  readonly size: number;
  readonly #pageBytes: number;
  readonly #mostPages: number;
  /** in the order of their last use */
  readonly #pages = new Map<number, Promise<Uint8Array>>();

  constructor(
    private readonly request: RangeRequest,
    private readonly identity: Identity,
    options: HttpSourceOptions,
  ) {
    this.size = identity.size;
    this.#pageBytes = options.pageBytes ?? 65536;
    this.#mostPages = options.pages ?? 64;
  }

  async readAt(offset: number, length: number): Promise<Uint8Array> {
    requireInside(this.size, offset, length);
    const target = new Uint8Array(length);
    await this.readInto(target, offset);
    return target;
  }

  async readInto(target: Uint8Array, offset: number): Promise<void> {
    requireInside(this.size, offset, target.length);
    if (target.length > this.#pageBytes) return this.request.fill(target, offset, this.identity);
    for (let done = 0; done < target.length;) {
      const number = Math.floor((offset + done) / this.#pageBytes);
      const from = offset + done - number * this.#pageBytes;
      const part = (await this.#page(number)).subarray(from, from + target.length - done);
      target.set(part, done);
      done += part.length;
    }
  }

  async close(): Promise<void> {
    this.#pages.clear();
  }

  #page(number: number): Promise<Uint8Array> {
    let page = this.#pages.get(number);
    if (page) this.#pages.delete(number);
    else {
      const start = number * this.#pageBytes;
      const bytes = new Uint8Array(Math.min(this.#pageBytes, this.size - start));
      page = this.request.fill(bytes, start, this.identity).then(() => bytes);
      page.catch(() => this.#pages.delete(number));
      for (const oldest of this.#pages.keys()) {
        if (this.#pages.size < this.#mostPages) break;
        this.#pages.delete(oldest);
      }
    }
    this.#pages.set(number, page);
    return page;
  }
}

/** Statuses that another try may change. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);
/** An attempt that brings this much is not counted against the retries. */
const PROGRESS = 65536;

class RangeRequest {
  constructor(
    private readonly url: string,
    private readonly options: HttpSourceOptions,
  ) {}

  /** Size and validator, from a request for the first byte. */
  async probe(): Promise<Identity> {
    return this.#retrying(async () => {
      const response = await this.#send(0, 1);
      await response.body?.cancel();
      if (response.status === 416) return { size: 0, validator: validatorOf(response) };
      const range = rangeOf(response);
      if (response.status === 206 && range) return { size: range.total, validator: validatorOf(response) };
      if (response.ok)
        throw new FitsError('UNSUPPORTED', `${this.url}: the server does not serve ranges; fetch the whole file`, {
          value: response.status,
        });
      throw this.#refused(response.status);
    });
  }

  /** Fills `target` with the bytes from `offset` on; each attempt goes on where the last one ended. */
  async fill(target: Uint8Array, offset: number, identity: Identity): Promise<void> {
    let done = 0;
    let before = 0;
    await this.#retrying(
      async () => {
        before = done;
        const response = await this.#send(offset + done, offset + target.length);
        if (PASSING.has(response.status) || response.status === 403 || response.status === 404) {
          await response.body?.cancel();
          throw this.#refused(response.status);
        }
        const range = rangeOf(response);
        const same = range?.total === identity.size && validatorOf(response) === identity.validator;
        if (!same || range.start !== offset + done || !response.body) {
          await response.body?.cancel();
          throw new FitsError('SOURCE_CHANGED', `${this.url} became another file while it was read`, { offset });
        }
        for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
          const part = chunk.subarray(0, target.length - done);
          target.set(part, done);
          done += part.length;
        }
        if (done < target.length) throw new Error(`the answer ended at byte ${offset + done}`);
      },
      () => done - before >= PROGRESS,
    );
  }

  /** Repeats what fails otherwise than by a FitsError: broken connections, time limits, early ends. */
  async #retrying<T>(attempt: () => Promise<T>, progressed: () => boolean = () => false): Promise<T> {
    for (let tries = 0; ;)
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof FitsError) throw error;
        if (!progressed() && tries++ >= (this.options.retries ?? 3))
          throw new FitsError('SOURCE_FAILED', `${this.url} cannot be read: ${reasonOf(error)}`, { value: this.url });
        await new Promise((resolve) =>
          setTimeout(resolve, (this.options.retryAfterMs ?? 100) * 2 ** Math.max(0, tries - 1)),
        );
      }
  }

  /** For the bytes from `start` up to but without `end`. */
  #send(start: number, end: number): Promise<Response> {
    return (this.options.fetch ?? fetch)(this.url, {
      headers: { ...this.options.headers, range: `bytes=${start}-${end - 1}`, 'accept-encoding': 'identity' },
      signal: AbortSignal.timeout(this.options.timeoutMs ?? 60_000),
    });
  }

  #refused(status: number): Error {
    if (PASSING.has(status)) return new Error(`status ${status}`);
    return new FitsError('SOURCE_FAILED', `${this.url} is answered with status ${status}`, { value: status });
  }
}

const validatorOf = ({ headers }: Response): string | null => headers.get('etag') ?? headers.get('last-modified');

function rangeOf({ status, headers }: Response): { readonly start: number; readonly total: number } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '');
  return status === 206 && match ? { start: Number(match[1]), total: Number(match[2]) } : undefined;
}

/** The reason of a failed fetch is in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
