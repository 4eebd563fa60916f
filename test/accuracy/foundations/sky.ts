import type { TruthCase } from '../truth-case.js';
import { healpixGeometry } from './sky-coverage.js';
import { healpix } from './sky-healpix.js';
import { moc } from './sky-moc.js';
import { regions } from './sky-regions.js';

/** Pixelisations and regions of the sky. */
export const sky: readonly TruthCase[] = [...healpix, ...healpixGeometry, ...moc, ...regions];
