import type { BenchCase } from '../bench-case.js';
import { fits } from './fits.js';
import { healpix } from './healpix.js';
import { kernels } from './kernels.js';
import { table } from './table.js';
import { wcs } from './wcs.js';

/** FITS, sky, WCS, tables, kernels: one file of benches for each room. */
export const foundations: readonly BenchCase[] = [...fits, ...wcs, ...kernels, ...table, ...healpix];
