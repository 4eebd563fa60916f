// kernels.wasm: found, compiled once per process, instantiated on a memory.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { KernelError } from './errors.js';
import { Instance, Module, type SharedMemory, type WasmExports, type WasmModule } from './webassembly.js';

/** Beside the built code, or in the build of the sources this file belongs to. */
const PLACES = ['../kernels.wasm', '../../../dist/libs/kernels/kernels.wasm'];

let compiled: WasmModule | undefined;

/** The compiled module. @throws KernelError NOT_BUILT */
export function kernelModule(): WasmModule {
  if (compiled !== undefined) return compiled;
  const places = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const path = places.find((place) => existsSync(place));
  if (path === undefined)
    throw new KernelError('NOT_BUILT', `there is no kernels.wasm; build it with 'npm run build'`, places);
  return (compiled = compileOptimised(readFileSync(path)));
}

/**
 * V8 does not replace a function that is running: a kernel that is one long call would spend all of its first call in the baseline
 * compiler's code, at half the speed. So this module is compiled at once and by the optimising compiler only; other modules are not affected.
 */
function compileOptimised(bytes: Uint8Array): WasmModule {
  setFlagsFromString('--no-liftoff');
  setFlagsFromString('--no-wasm-lazy-compilation');
  try {
    return new Module(bytes);
  } finally {
    setFlagsFromString('--wasm-lazy-compilation');
    setFlagsFromString('--liftoff');
  }
}

export const instantiate = (module: WasmModule, memory: SharedMemory): WasmExports =>
  new Instance(module, { env: { memory } }).exports;
