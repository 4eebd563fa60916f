// The part of WebAssembly used here, typed: the language library of a program without a browser does not describe it.

export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** An exported function: pointers and counts in, a number or nothing out. */
export type WasmFunction = (...args: readonly number[]) => number | undefined;
export type WasmExports = Readonly<Record<string, WasmFunction>>;

/** A compiled module; can be posted to other threads. */
export type WasmModule = object;

interface WebAssemblyNamespace {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: WasmExports };
}
export const { Memory, Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyNamespace })
  .WebAssembly;

export const PAGE_BYTES = 65_536;
/** wasm32 */
export const LARGEST_MEMORY = 4 * 1024 ** 3;
