// Planes of one job from one block of memory, given back as a whole when the job ends.
// The block is a shared WebAssembly.Memory, so kernels work on planes in place and other threads may read them; it grows when needed,
// and growing leaves earlier views valid. Cost: a pointer addition, and clearing what an earlier job wrote.

import type { Allocator } from '#libs/image';
import { TaskFailure } from './failure.js';

/** The part of WebAssembly.Memory used here; the language library of a program without a browser does not describe it. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}
type MemoryConstructor = new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory;
const { Memory } = (globalThis as unknown as { readonly WebAssembly: { readonly Memory: MemoryConstructor } })
  .WebAssembly;

const PAGE = 65_536;
/** v128 loads and cache lines */
const ALIGNMENT = 64;
/** wasm32 */
const LARGEST = 4 * 1024 ** 3;

export interface ArenaOptions {
  /** most bytes one job may use; address space is reserved, memory is taken when touched */
  readonly maximumBytes: number;
  readonly initialBytes?: number;
  /** first byte handed out: room below it for a kernel's own data */
  readonly baseBytes?: number;
}

export class Arena implements Allocator {
  readonly memory: SharedMemory;
  readonly maximumBytes: number;
  readonly #base: number;
  #next: number;
  /** bytes below this were written by someone since they were last cleared */
  #dirty: number;
  #peak = 0;

  constructor({ maximumBytes, initialBytes = PAGE, baseBytes = 0 }: ArenaOptions) {
    const maximum = Math.min(LARGEST, Math.ceil(maximumBytes / PAGE) * PAGE);
    this.maximumBytes = maximum;
    this.memory = new Memory({
      initial: Math.max(1, Math.ceil(Math.max(initialBytes, baseBytes) / PAGE)),
      maximum: maximum / PAGE,
      shared: true,
    });
    this.#base = Math.ceil(baseBytes / ALIGNMENT) * ALIGNMENT;
    this.#next = this.#base;
    this.#dirty = this.#base;
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

  get usedBytes(): number {
    return this.#next - this.#base;
  }
  /** most bytes used at once since the arena was made */
  get peakBytes(): number {
    return this.#peak;
  }
  get reservedBytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Everything handed out so far is invalid from here on. */
  reset(): void {
    this.#dirty = Math.max(this.#dirty, this.#next);
    this.#next = this.#base;
  }

  #take(length: number, size: number): number {
    if (!Number.isSafeInteger(length) || length < 0)
      throw new TaskFailure('bug', 'INVALID_LENGTH', `a plane cannot have ${length} values`, { length });
    const start = this.#next;
    const end = start + Math.ceil((length * size) / ALIGNMENT) * ALIGNMENT;
    if (end > this.maximumBytes)
      throw new TaskFailure(
        'unprocessable',
        'ARENA_FULL',
        `the job needs more than the ${Math.round(this.maximumBytes / 1024 ** 2)} MiB of its arena: ${length * size} bytes asked, ${this.maximumBytes - start} left`,
        { asked: length * size, left: this.maximumBytes - start },
      );
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) {
      // by a quarter at least, so that a job of many planes grows seldom
      const wanted = Math.max(missing, Math.floor(this.memory.buffer.byteLength / 4));
      const pages = Math.min(Math.ceil(wanted / PAGE), (this.maximumBytes - this.memory.buffer.byteLength) / PAGE);
      try {
        this.memory.grow(pages);
      } catch (error) {
        throw new TaskFailure(
          'transient',
          'OUT_OF_MEMORY',
          `the host has no ${pages * PAGE} bytes left`,
          {},
          { cause: error },
        );
      }
    }
    if (start < this.#dirty) new Uint8Array(this.memory.buffer, start, Math.min(end, this.#dirty) - start).fill(0);
    this.#next = end;
    this.#peak = Math.max(this.#peak, this.usedBytes);
    return start;
  }
}
