// The block by which the threads of a pool are told what to do: a few words and the arguments of one pass.

/** indices of 32-bit words */
export const Word = {
  /** counts up; a change wakes the workers */
  generation: 0,
  /** number of the next band nobody has taken */
  nextBand: 1,
  /** workers that have not finished the pass */
  pending: 2,
  /** anything else than 0 ends the pass after the current bands */
  stop: 3,
  kernel: 4,
  argumentCount: 5,
  rows: 6,
  bandRows: 7,
  /** bytes of the message of the first error, 0 when there is none */
  errorBytes: 8,
  /** the worker that finishes last posts a message to the thread that owns the pool */
  report: 9,
} as const;

export const MAX_ARGUMENTS = 64;
const ARGUMENTS_START = 128;
const MESSAGE_START = ARGUMENTS_START + MAX_ARGUMENTS * 8;
const MESSAGE_BYTES = 1024;

export const QUIT = -1;

export class PoolControl {
  readonly words: Int32Array;
  readonly args: Float64Array;
  readonly #message: Uint8Array;

  constructor(readonly buffer = new SharedArrayBuffer(MESSAGE_START + MESSAGE_BYTES)) {
    this.words = new Int32Array(buffer, 0, ARGUMENTS_START / 4);
    this.args = new Float64Array(buffer, ARGUMENTS_START, MAX_ARGUMENTS);
    this.#message = new Uint8Array(buffer, MESSAGE_START, MESSAGE_BYTES);
  }

  /** Keeps the first error and ends the pass. */
  fail(error: unknown): void {
    const text = Buffer.from(error instanceof Error ? error.message : String(error)).subarray(0, MESSAGE_BYTES);
    if (Atomics.compareExchange(this.words, Word.errorBytes, 0, Math.max(1, text.length)) === 0)
      this.#message.set(text);
    Atomics.store(this.words, Word.stop, 1);
  }

  get failure(): string | undefined {
    const bytes = Atomics.load(this.words, Word.errorBytes);
    return bytes === 0 ? undefined : Buffer.from(this.#message.slice(0, bytes)).toString();
  }
}
