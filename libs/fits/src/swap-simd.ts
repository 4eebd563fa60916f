// Byte order by 128-bit vectors, twice as fast as Node's own swap: whole images go through it. The WebAssembly module is
// written out here, for each of its functions is one loop: v128.load, i8x16.swizzle, v128.store, 16 bytes on.

/** Bytes that go through the module's memory at a time: they stay in the cache of one core. */
const WINDOW = 1 << 17;
const PAGE = 65536;

const unsigned = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]);
const counted = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...counted(bytes)];
const text = (value: string): number[] => counted([...new TextEncoder().encode(value)]);
const simd = (operation: number): number[] => [0xfd, ...unsigned(operation)];
const LOCAL_GET = 0x20;
const LOCAL_TEE = 0x22;
const END = 0x0b;

/** The code of `(start, end)`: reverses the bytes of each item from `start` to `end`, in steps of 16 bytes. */
function swapCode(itemSize: number): number[] {
  const order = Array.from({ length: 16 }, (_, i) => i - 2 * (i % itemSize) + itemSize - 1);
  const load = [LOCAL_GET, 0, LOCAL_GET, 0, ...simd(0), 0, 0];
  const swizzle = [...simd(12), ...order, ...simd(14)];
  const store = [...simd(11), 0, 0];
  const advance = [LOCAL_GET, 0, 0x41, 16, 0x6a, LOCAL_TEE, 0];
  const againIfBelow = [LOCAL_GET, 1, 0x49, 0x0d, 0];
  return counted([0, 0x03, 0x40, ...load, ...swizzle, ...store, ...advance, ...againIfBelow, END, END]);
}

const SIZES = [2, 4, 8] as const;

function moduleBytes(): Uint8Array {
  const type = section(1, [1, 0x60, 2, 0x7f, 0x7f, 0]);
  const functions = section(3, counted(SIZES.map(() => 0)));
  // a window, and a page for the steps that reach past its end
  const memory = section(5, [1, 0, WINDOW / PAGE + 1]);
  const exported = SIZES.flatMap((size, i) => [...text(`swap${size}`), 0, i]);
  const exports = section(7, [SIZES.length + 1, ...text('memory'), 2, 0, ...exported]);
  const code = section(10, [SIZES.length, ...SIZES.flatMap(swapCode)]);
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, ...functions, ...memory, ...exports, ...code);
}

type Swap = (start: number, end: number) => void;

interface Instance {
  readonly window: Uint8Array;
  readonly swap: Readonly<Record<(typeof SIZES)[number], Swap>>;
}

/** The part of the WebAssembly interface used here; the language's own library does not describe it. */
interface WebAssemblyGlobal {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => {
    readonly exports: { memory: { readonly buffer: ArrayBuffer }; swap2: Swap; swap4: Swap; swap8: Swap };
  };
}

let instance: Instance | null | undefined;

/** null where vectors are not to be had */
function load(): Instance | null {
  const { WebAssembly: wasm } = globalThis as { readonly WebAssembly?: WebAssemblyGlobal };
  if (!wasm) return null;
  try {
    const { memory, swap2, swap4, swap8 } = new wasm.Instance(new wasm.Module(moduleBytes())).exports;
    return { window: new Uint8Array(memory.buffer, 0, WINDOW), swap: { 2: swap2, 4: swap4, 8: swap8 } };
  } catch {
    return null;
  }
}

/** Copies `source` to `target` (which may be the same) with the bytes of each item reversed; false where it cannot be done. */
export function swapByVectors(source: Uint8Array, target: Uint8Array, itemSize: 2 | 4 | 8): boolean {
  if (instance === undefined) instance = load();
  if (!instance) return false;
  const { window, swap } = instance;
  for (let at = 0; at < source.length; at += WINDOW) {
    const length = Math.min(WINDOW, source.length - at);
    window.set(source.subarray(at, at + length));
    swap[itemSize](0, length);
    target.set(length === WINDOW ? window : window.subarray(0, length), at);
  }
  return true;
}
