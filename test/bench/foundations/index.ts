import type { BenchCase } from '../bench-case.js';

/** FITS, sky, WCS, tables, kernels: one file of benches for each room. */
export const foundations: readonly BenchCase[] = [];
