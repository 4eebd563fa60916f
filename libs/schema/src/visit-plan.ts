// What crosses the border between the database and the pure Tasks of alert production: a snapshot of the catalog in, a
// plan of what one detector of a visit adds to it out.

import type { Table } from '#libs/table';
import type { RowOf } from './description.js';
import type { DetectorVisitProcessingSummary, Visit } from './tables.js';

/** A circle on the sky, ICRS [deg]. */
export interface SkyCircle {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly radiusDeg: number;
}

/** How often a sky cell (HEALPix, nested, order 10) had been written when it was looked at. */
export interface SkyCellVersion {
  readonly cell: number;
  readonly version: bigint;
}

/** The Level 1 catalog around an exposure, as of some moment. */
export interface DiaCatalogSnapshot {
  readonly region: SkyCircle;
  readonly cells: readonly SkyCellVersion[];
  /** DiaObjectLast rows */
  readonly diaObjects: Table;
  /** DiaSource rows of those objects */
  readonly diaSources: Table;
  /** DiaForcedSource rows of those objects */
  readonly diaForcedSources: Table;
  /** predicted Solar System objects: SOLAR_SYSTEM_COLUMNS */
  readonly solarSystem: Table;
}

/** Columns of predicted Solar System objects: errors as an ellipse [arcsec, deg], motion [deg / d] with cos dec. */
export const SOLAR_SYSTEM_COLUMNS = [
  { name: 'ssObjectId', type: 'long', description: 'Identifier of the object.' },
  { name: 'designation', type: 'string', description: 'Primary designation.' },
  { name: 'ra', type: 'double', unit: 'deg', description: 'Predicted right ascension at the middle of the exposure.' },
  { name: 'dec', type: 'double', unit: 'deg', description: 'Predicted declination at the middle of the exposure.' },
  { name: 'majorArcsec', type: 'double', unit: 'arcsec', description: 'Semi-major axis of the 1-sigma ellipse.' },
  { name: 'minorArcsec', type: 'double', unit: 'arcsec', description: 'Semi-minor axis of the 1-sigma ellipse.' },
  { name: 'angleDeg', type: 'double', unit: 'deg', description: 'Position angle of the major axis.' },
  { name: 'rateRa', type: 'double', unit: 'deg/d', description: 'Motion in right ascension, times cos dec.' },
  { name: 'rateDec', type: 'double', unit: 'deg/d', description: 'Motion in declination.' },
  { name: 'vMag', type: 'double', unit: 'mag', description: 'Predicted V magnitude.' },
  { name: 'topoRange', type: 'double', unit: 'AU', description: 'Distance from the observer.' },
  { name: 'helioRange', type: 'double', unit: 'AU', description: 'Distance from the Sun.' },
  { name: 'phaseAngle', type: 'double', unit: 'deg', description: 'Phase angle.' },
  { name: 'elongation', type: 'double', unit: 'deg', description: 'Angle between Sun and object.' },
] as const;

type Given<Row, Required extends keyof Row> = Partial<Row> & Pick<Row, Required>;
export type VisitRow = Given<
  RowOf<typeof Visit>,
  'visit' | 'band' | 'ra' | 'dec' | 'expTime' | 'expMidptMJD' | 'instrument'
>;
export type DetectorSummaryRow = Given<
  RowOf<typeof DetectorVisitProcessingSummary>,
  'visit' | 'detector' | 'xSize' | 'ySize' | 'nPsfStar'
>;

/** What the alert of a detection is made of besides the tables: names of cut-out datasets and the like, JSON. */
export interface AlertRequest {
  readonly diaSourceId: bigint;
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** Everything one detector of a visit adds to the catalog. Tables hold a subset of the described columns. */
export interface VisitPlan {
  readonly visit: VisitRow;
  readonly detector: number;
  /** of the snapshot the plan was made from */
  readonly cells: readonly SkyCellVersion[];
  readonly summary?: DetectorSummaryRow;
  /** detections on the calibrated exposure */
  readonly sources?: Table;
  /** with diaObjectId or ssObjectId set */
  readonly diaSources: Table;
  /** a new version of every object that gained a detection; validity is set by the commit */
  readonly diaObjects: Table;
  readonly diaForcedSources: Table;
  readonly ssSources: Table;
  readonly alerts: readonly AlertRequest[];
}
