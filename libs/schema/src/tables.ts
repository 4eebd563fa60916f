import type { TableDescription } from './description.js';
import { DetectorVisitProcessingSummary } from './tables/detector-visit-processing-summary.js';
import { DiaForcedSource } from './tables/dia-forced-source.js';
import { DiaObjectLast } from './tables/dia-object-last.js';
import { DiaObject } from './tables/dia-object.js';
import { DiaSource } from './tables/dia-source.js';
import { ForcedSource } from './tables/forced-source.js';
import { MpcOrbits } from './tables/mpc-orbits.js';
import { ObjectTable } from './tables/object.js';
import { Source } from './tables/source.js';
import { SSObject } from './tables/ssobject.js';
import { SSSource } from './tables/sssource.js';
import { Visit } from './tables/visit.js';

export {
  DetectorVisitProcessingSummary,
  DiaForcedSource,
  DiaObject,
  DiaObjectLast,
  DiaSource,
  ForcedSource,
  MpcOrbits,
  ObjectTable,
  Source,
  SSObject,
  SSSource,
  Visit,
};

/** Every public table, in an order in which they can be created. */
export const PUBLIC_TABLES: readonly TableDescription[] = [
  Visit,
  DetectorVisitProcessingSummary,
  Source,
  DiaSource,
  DiaForcedSource,
  DiaObject,
  DiaObjectLast,
  MpcOrbits,
  SSObject,
  SSSource,
  ObjectTable,
  ForcedSource,
];

/** The bands of the per-band columns. */
export const BANDS = ['u', 'g', 'r', 'i', 'z', 'y'] as const;
export type Band = (typeof BANDS)[number];
export const isBand = (band: string): band is Band => (BANDS as readonly string[]).includes(band);
