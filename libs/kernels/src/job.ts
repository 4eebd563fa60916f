// What a kernel function returns: a job, to be run by a context. A job is a generator of passes over the rows of an image; between two
// passes it may look at what the first has written. The context decides which threads run the bands of a pass.

import type { KernelWorkspace } from './workspace.js';

/**
 * Runs the exported function `kernel` over rows 0..rows in bands. It is called as f(...args, firstRow, endRow, scratch); each band
 * writes what no other band writes, so that the result does not depend on who ran it when.
 */
export interface BandPass {
  readonly kernel: string;
  readonly args: readonly number[];
  readonly rows: number;
  /** 64 unless rows are something else than rows of pixels */
  readonly bandRows?: number;
}

export type KernelJob<T> = (workspace: KernelWorkspace) => Generator<BandPass, T, void>;

export const BAND_ROWS = 64;
