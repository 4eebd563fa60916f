import {
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
  type TableDescription,
  Visit,
} from '#libs/schema';
import * as difference from './difference-sky.js';
import type { SyntheticPlan } from './plan.js';
import * as solarSystem from './solar-system.js';
import * as statics from './static-sky.js';

export { planSyntheticCatalog, skyDensity, SYNTHETIC_SETS, type SyntheticPlan, type SyntheticSet } from './plan.js';
export type { SyntheticRow } from './static-sky.js';

/** The rows of one table: values in the order of `columns`; a position comes without its search columns. */
export interface SyntheticTable {
  readonly table: TableDescription;
  readonly columns: readonly string[];
  readonly rows: (plan: SyntheticPlan) => Iterable<statics.SyntheticRow>;
}

/** Every table of a synthetic catalog, in an order in which they can be inserted. Rows are made as they are read. */
export const SYNTHETIC_TABLES: readonly SyntheticTable[] = [
  { table: Visit, columns: statics.VISIT_COLUMNS, rows: statics.visitRows },
  { table: DetectorVisitProcessingSummary, columns: statics.DETECTOR_COLUMNS, rows: statics.detectorRows },
  { table: ObjectTable, columns: statics.OBJECT_COLUMNS, rows: statics.objectRows },
  { table: ForcedSource, columns: statics.FORCED_COLUMNS, rows: statics.forcedSourceRows },
  { table: Source, columns: statics.SOURCE_COLUMNS, rows: statics.sourceRows },
  { table: DiaSource, columns: difference.DIA_SOURCE_COLUMNS, rows: difference.diaSourceRows },
  { table: DiaForcedSource, columns: difference.DIA_FORCED_COLUMNS, rows: difference.diaForcedSourceRows },
  { table: DiaObject, columns: difference.DIA_OBJECT_COLUMNS, rows: difference.diaObjectRows },
  { table: DiaObjectLast, columns: difference.DIA_OBJECT_LAST_COLUMNS, rows: difference.diaObjectLastRows },
  { table: MpcOrbits, columns: solarSystem.ORBIT_COLUMNS, rows: solarSystem.orbitRows },
  { table: SSObject, columns: solarSystem.SS_OBJECT_COLUMNS, rows: solarSystem.ssObjectRows },
  { table: SSSource, columns: solarSystem.SS_SOURCE_COLUMNS, rows: difference.ssSourceRows },
];
