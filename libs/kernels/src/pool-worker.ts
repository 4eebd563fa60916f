// The main file of a pool's thread: sleeps until a pass is given out, takes bands of it, sleeps again.

import { parentPort, workerData } from 'node:worker_threads';
import { runBands } from './bands.js';
import { scratchStart } from './memory.js';
import { instantiate } from './module.js';
import { PoolControl, QUIT, Word } from './pool-control.js';
import type { SharedMemory, WasmModule } from './webassembly.js';

export interface PoolWorkerData {
  readonly module: WasmModule;
  readonly memory: SharedMemory;
  readonly control: SharedArrayBuffer;
  /** number of this thread's scratch */
  readonly thread: number;
}

const { module, memory, control: buffer, thread } = workerData as PoolWorkerData;
const control = new PoolControl(buffer);
const { words } = control;
const exports = instantiate(module, memory);
const names = Object.keys(exports);

let generation = Atomics.load(words, Word.generation);
parentPort!.postMessage('ready');
for (;;) {
  Atomics.wait(words, Word.generation, generation);
  generation = Atomics.load(words, Word.generation);
  const kernel = Atomics.load(words, Word.kernel);
  if (kernel === QUIT) break;
  const report = Atomics.load(words, Word.report) !== 0; // read before the last `pending` lets the owner begin another pass
  runBands(control, exports[names[kernel]!], scratchStart(thread));
  if (Atomics.sub(words, Word.pending, 1) === 1) {
    Atomics.notify(words, Word.pending);
    if (report) parentPort!.postMessage('done');
  }
}
