// The outputs of the association as a plan for the catalog: pure, so that a conflict needs only fresh catalogs.
import { type Exposure, zeroPointOf } from '#libs/image';
import { TaskFailure } from '#libs/pipeline';
import {
  type DetectorSummaryRow,
  type DiaCatalogSnapshot,
  makeSourceId,
  type VisitPlan,
  type VisitRow,
} from '#libs/schema';
import { normalizeRaDeg } from '#libs/sky';
import type { Table } from '#libs/table';

export interface VisitPlanInput {
  readonly science: Exposure;
  readonly catalogs: DiaCatalogSnapshot;
  readonly associated: Table;
  readonly diaObject: Table;
  readonly forced: Table;
  readonly ssSource: Table;
  /** rows of Source, if they shall be kept */
  readonly sources?: Table;
  /** what is known of the exposure's quality besides its geometry */
  readonly quality?: Partial<DetectorSummaryRow>;
  /** what the alert packet of a detection needs besides the tables (names of cut-out datasets) */
  readonly alertPayload?: (diaSourceId: bigint) => Readonly<Record<string, unknown>> | undefined;
  /** which detections are alerted: all unless given */
  readonly alertWorthy?: (row: number, associated: Table) => boolean;
}

export function visitPlanOf(input: VisitPlanInput): VisitPlan {
  const { science, associated } = input;
  if (!science.info || !science.wcs)
    throw new TaskFailure('unprocessable', 'NO_WCS', 'a visit without astrometric solution cannot be committed');
  const ids = associated.data('diaSourceId', 'long');
  const alerts = Array.from(ids).flatMap((diaSourceId, row) => {
    if (input.alertWorthy && !input.alertWorthy(row, associated)) return [];
    const payload = input.alertPayload?.(diaSourceId);
    return [{ diaSourceId, ...(payload && { payload }) }];
  });
  return {
    visit: visitRowOf(science),
    detector: science.info.detector,
    cells: input.catalogs.cells,
    summary: detectorSummaryOf(science, input.quality ?? {}),
    ...(input.sources && { sources: input.sources }),
    diaSources: associated,
    diaObjects: input.diaObject,
    diaForcedSources: input.forced,
    ssSources: input.ssSource,
    alerts,
  };
}

export function visitRowOf({ info, wcs, width, height }: Exposure): VisitRow {
  const middle = wcs!.pixelToSky((width - 1) / 2, (height - 1) / 2);
  return {
    visit: info!.visit,
    band: info!.band,
    physical_filter: info!.physicalFilter ?? null,
    ra: normalizeRaDeg(info!.boresightRaDeg ?? middle.raDeg),
    dec: info!.boresightDecDeg ?? middle.decDeg,
    skyRotation: info!.rotatorSkyDeg ?? null,
    airmass: info!.airmass ?? null,
    expTime: info!.exposureTime,
    expMidptMJD: info!.midpointMjdTai,
    obsStartMJD: info!.midpointMjdTai - info!.exposureTime / 2 / 86400,
    instrument: info!.instrument,
  };
}

/** Geometry and calibration of the exposure; quality measures as given. */
export function detectorSummaryOf(
  { info, wcs, width, height, photoCalib }: Exposure,
  quality: Partial<DetectorSummaryRow>,
): DetectorSummaryRow {
  const at = (x: number, y: number): { raDeg: number; decDeg: number } => wcs!.pixelToSky(x, y);
  const centre = at((width - 1) / 2, (height - 1) / 2);
  const corners = {
    llc: at(-0.5, -0.5),
    ulc: at(-0.5, height - 0.5),
    urc: at(width - 0.5, height - 0.5),
    lrc: at(width - 0.5, -0.5),
  };
  return {
    nPsfStar: 0,
    ...quality,
    visit: info!.visit,
    detector: info!.detector,
    ra: centre.raDeg,
    dec: centre.decDeg,
    pixelScale: wcs!.pixelScaleArcsec(),
    zeroPoint: photoCalib ? zeroPointOf(photoCalib) : null,
    xSize: BigInt(width),
    ySize: BigInt(height),
    llcra: corners.llc.raDeg,
    llcdec: corners.llc.decDeg,
    ulcra: corners.ulc.raDeg,
    ulcdec: corners.ulc.decDeg,
    urcra: corners.urc.raDeg,
    urcdec: corners.urc.decDeg,
    lrcra: corners.lrc.raDeg,
    lrcdec: corners.lrc.decDeg,
  };
}

/** Identifiers for the sources of a calibrated exposure, in order. */
export const sourceIds = (visit: bigint, detector: number, count: number): BigInt64Array =>
  BigInt64Array.from({ length: count }, (_, n) => makeSourceId(visit, detector, n));
