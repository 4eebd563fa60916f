// The loop that every thread of a pass runs: take the next band, run it, look whether to stop.

import { type PoolControl, Word } from './pool-control.js';
import type { WasmFunction } from './webassembly.js';

/** Runs bands of the pass in `control` until none is left. Never throws: the first error is kept in `control`. */
export function runBands(
  control: PoolControl,
  kernel: WasmFunction | undefined,
  scratch: number,
  isCancelled?: () => boolean,
): void {
  const { words } = control;
  const rows = words[Word.rows]!;
  const bandRows = words[Word.bandRows]!;
  const args = Array.from(control.args.subarray(0, words[Word.argumentCount]!));
  try {
    if (kernel === undefined) throw new Error('the module has no such kernel');
    for (;;) {
      if (isCancelled?.() === true) Atomics.store(words, Word.stop, 1);
      if (Atomics.load(words, Word.stop) !== 0) return;
      const first = Atomics.add(words, Word.nextBand, 1) * bandRows;
      if (first >= rows) return;
      kernel(...args, first, Math.min(rows, first + bandRows), scratch);
    }
  } catch (error) {
    control.fail(error);
  }
}
