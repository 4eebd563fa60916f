import type { TruthCase } from '../truth-case.js';
import { fits } from './fits.js';
import { kernels } from './kernels.js';
import { olderSystems } from './older-systems.js';
import { places } from './places.js';
import { sky } from './sky.js';
import { table } from './table.js';
import { time } from './time.js';
import { wcs } from './wcs.js';

/** FITS, sky, WCS, tables, kernels: one file of cases for each room. */
export const foundations: readonly TruthCase[] = [
  ...fits,
  ...wcs,
  ...time,
  ...places,
  ...olderSystems,
  ...sky,
  ...table,
  ...kernels,
];
