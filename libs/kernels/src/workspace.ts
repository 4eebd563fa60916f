// What a job may use while it runs: pointers of its planes, tables, temporary planes. All of it is gone when the job ends.

import { KernelError } from './errors.js';
import { ALIGNMENT, type KernelAllocator, PROBE_WORD, TABLES_END, TABLES_START } from './memory.js';
import type { SharedMemory } from './webassembly.js';

export type KernelArray = Float32Array | Float64Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/** Below this a weight is cleared: it adds nothing to a float, and denormals cost a hundred times as much as other numbers. */
const SMALLEST_WEIGHT = 1e-12;

export class KernelWorkspace {
  #nextTable = TABLES_START;
  readonly #copiesBack: (() => void)[] = [];
  readonly #mark: number | undefined;

  constructor(
    readonly memory: SharedMemory,
    readonly allocator: KernelAllocator,
    private readonly known: WeakMap<object, boolean>,
  ) {
    this.#mark = allocator.mark?.();
  }

  /** Pointer of data that the job reads. Data outside the memory are copied in. */
  input(view: KernelArray): number {
    if (this.#isInMemory(view.buffer)) return view.byteOffset;
    const copy = this.temporaryBytes(view.byteLength);
    copy.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return copy.byteOffset;
  }

  /** Pointer of data that the job writes wholly. Data outside the memory are written when the job ends. */
  output(view: KernelArray): number {
    if (this.#isInMemory(view.buffer)) return view.byteOffset;
    const copy = this.temporaryBytes(view.byteLength);
    this.#copiesBack.push(() => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(copy));
    return copy.byteOffset;
  }

  /** Pointer of data that the job reads and writes. */
  inOut(view: KernelArray): number {
    if (this.#isInMemory(view.buffer)) return view.byteOffset;
    const pointer = this.output(view);
    new Uint8Array(this.memory.buffer, pointer, view.byteLength).set(
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
    );
    return pointer;
  }

  temporary32(length: number): Float32Array {
    return this.allocator.float32(length);
  }
  temporary64(length: number): Float64Array {
    return this.allocator.float64(length);
  }
  temporaryInt(length: number): Int32Array {
    return this.allocator.int32(length);
  }
  temporaryBytes(length: number): Uint8Array {
    if (this.allocator.bytes !== undefined) return this.allocator.bytes(length);
    const words = this.allocator.int32(Math.ceil(length / 4));
    return new Uint8Array(words.buffer, words.byteOffset, length);
  }

  /** Weights as floats; those too small to count are 0. */
  weights(values: ArrayLike<number>): number {
    const table = new Float32Array(this.memory.buffer, this.#table(values.length * 4), values.length);
    for (let i = 0; i < values.length; i++) table[i] = Math.abs(values[i]!) < SMALLEST_WEIGHT ? 0 : values[i]!;
    return table.byteOffset;
  }
  doubles(values: ArrayLike<number>): number {
    const table = new Float64Array(this.memory.buffer, this.#table(values.length * 8), values.length);
    table.set(values);
    return table.byteOffset;
  }
  integers(values: ArrayLike<number>): number {
    const table = new Int32Array(this.memory.buffer, this.#table(values.length * 4), values.length);
    table.set(values);
    return table.byteOffset;
  }

  /** Called once by the context when the job has ended well or badly. */
  end(completed: boolean): void {
    if (completed) for (const copy of this.#copiesBack) copy();
    if (this.#mark !== undefined) this.allocator.release?.(this.#mark);
  }

  #table(bytes: number): number {
    const start = this.#nextTable;
    const end = start + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    if (end > TABLES_END) return this.temporaryBytes(bytes).byteOffset;
    this.#nextTable = end;
    return start;
  }

  /** A memory that has grown shows itself through a new buffer object; two objects are one memory if a word written to one is read in the other. */
  #isInMemory(buffer: ArrayBufferLike): boolean {
    const known = this.known.get(buffer);
    if (known !== undefined) return known;
    const here = new Int32Array(this.memory.buffer, 0, PROBE_WORD + 1);
    const there = buffer.byteLength >= TABLES_START ? new Int32Array(buffer, 0, PROBE_WORD + 1) : undefined;
    const same =
      there !== undefined &&
      [1, 2].every(() => {
        const before = there[PROBE_WORD]!;
        here[PROBE_WORD] = (before + 0x9e3779b9) | 0;
        return there[PROBE_WORD] === here[PROBE_WORD] && there[PROBE_WORD] !== before;
      });
    this.known.set(buffer, same);
    return same;
  }
}

/** @throws KernelError SIZE_MISMATCH unless the array has room for width x height values */
export function checkSize(what: string, data: ArrayLike<number>, width: number, height: number): void {
  if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height) || width < 0 || height < 0)
    throw new KernelError('BAD_ARGUMENT', `${what} cannot be ${width} x ${height}`, [width, height]);
  if (data.length < width * height)
    throw new KernelError('SIZE_MISMATCH', `${what} has ${data.length} values, not ${width} x ${height}`, data.length);
}

/** @throws KernelError SIZE_MISMATCH */
export function checkSameSize(
  what: string,
  plane: { readonly width: number; readonly height: number; readonly data: ArrayLike<number> },
  width: number,
  height: number,
): void {
  checkSize(what, plane.data, plane.width, plane.height);
  if (plane.width !== width || plane.height !== height)
    throw new KernelError('SIZE_MISMATCH', `${what} is ${plane.width} x ${plane.height}, not ${width} x ${height}`, [
      plane.width,
      plane.height,
    ]);
}
