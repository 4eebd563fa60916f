// The plan of a memory in which kernels work:
//
//   0          64 KiB           4 MiB                          4 MiB + threads x 2 MiB
//   | control  | tables of a job | scratch of thread 0, 1, ... | planes ...
//
// Tables (weights, twiddles, pointers) are written by the caller before the threads start and only read by them. Scratch belongs to one
// thread. Everything above is the allocator's. Address space is reserved, memory is taken when touched.

import { KernelError } from './errors.js';
import { LARGEST_MEMORY, Memory, PAGE_BYTES, type SharedMemory } from './webassembly.js';

/** Cache line; v128 loads */
export const ALIGNMENT = 64;
/** the word by which two views are told to show one memory */
export const PROBE_WORD = 0;
export const TABLES_START = PAGE_BYTES;
export const TABLES_END = 4 * 1024 ** 2;
export const SCRATCH_BYTES = 2 * 1024 ** 2;

export const scratchStart = (thread: number): number => TABLES_END + thread * SCRATCH_BYTES;

/** Bytes at the start of a memory that belong to kernels running on this many threads: the first byte a foreign allocator may hand out. */
export const reservedBytes = (threads = 1): number => scratchStart(threads);

/** Where planes come from. The arena of a pipeline thread fits, made with `baseBytes: reservedBytes()`. */
export interface KernelAllocator {
  float32(length: number): Float32Array;
  float64(length: number): Float64Array;
  int32(length: number): Int32Array;
  /** memory with whatever an earlier user left in it */
  bytes?(length: number): Uint8Array;
  /** what is handed out after `mark` can be taken back by `release` */
  mark?(): number;
  release?(mark: number): void;
}

/** Hands out planes one behind the other, zeroed; `release(mark)` takes back everything since the mark. */
export class KernelArena implements KernelAllocator {
  readonly memory: SharedMemory;
  readonly maximumBytes: number;
  readonly #base: number;
  #next: number;
  /** bytes below this may have been written since they were last cleared */
  #dirty: number;

  constructor({ maximumBytes, threads = 1 }: { readonly maximumBytes: number; readonly threads?: number }) {
    this.#base = this.#next = this.#dirty = reservedBytes(threads);
    const maximum = Math.min(LARGEST_MEMORY, Math.ceil((this.#base + maximumBytes) / PAGE_BYTES) * PAGE_BYTES);
    this.maximumBytes = maximum;
    try {
      this.memory = new Memory({ initial: this.#base / PAGE_BYTES, maximum: maximum / PAGE_BYTES, shared: true });
    } catch (cause) {
      throw new KernelError('OUT_OF_MEMORY', `the host cannot reserve ${maximum} bytes`, maximum, { cause });
    }
  }

  float32(length: number): Float32Array {
    const start = this.#take(length, 4); // may grow the buffer
    return new Float32Array(this.memory.buffer, start, length);
  }
  float64(length: number): Float64Array {
    const start = this.#take(length, 8); // may grow the buffer
    return new Float64Array(this.memory.buffer, start, length);
  }
  int32(length: number): Int32Array {
    const start = this.#take(length, 4); // may grow the buffer
    return new Int32Array(this.memory.buffer, start, length);
  }
  bytes(length: number): Uint8Array {
    const start = this.#take(length, 1, false);
    return new Uint8Array(this.memory.buffer, start, length);
  }

  get usedBytes(): number {
    return this.#next - this.#base;
  }

  mark(): number {
    return this.#next;
  }
  /** Views handed out since the mark are invalid from here on. */
  release(mark: number): void {
    if (!(mark >= this.#base && mark <= this.#next))
      throw new KernelError('BAD_ARGUMENT', `${mark} is not a mark of this arena`, mark);
    this.#dirty = Math.max(this.#dirty, this.#next);
    this.#next = mark;
  }
  reset(): void {
    this.release(this.#base);
  }

  #take(length: number, size: number, clear = true): number {
    if (!Number.isSafeInteger(length) || length < 0)
      throw new KernelError('BAD_ARGUMENT', `a plane cannot have ${length} values`, length);
    const start = this.#next;
    const end = start + Math.ceil((length * size) / ALIGNMENT) * ALIGNMENT;
    if (end > this.maximumBytes)
      throw new KernelError(
        'OUT_OF_MEMORY',
        `${length * size} bytes asked, ${this.maximumBytes - start} of ${this.maximumBytes} left`,
        length * size,
      );
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0)
      try {
        this.memory.grow(Math.ceil(missing / PAGE_BYTES));
      } catch (cause) {
        throw new KernelError('OUT_OF_MEMORY', `the host has no ${missing} bytes left`, missing, { cause });
      }
    if (clear && start < this.#dirty)
      new Uint8Array(this.memory.buffer, start, Math.min(end, this.#dirty) - start).fill(0);
    this.#next = end;
    return start;
  }
}
