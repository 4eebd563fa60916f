// Holds what a pipeline measured against the truth of a simulated visit. Positions are compared on the tangent plane.

import type { TruthRow, VisitTruth } from './truth.js';

export interface MeasuredDetection {
  readonly detector: number;
  readonly ra: number;
  readonly dec: number;
  /** signed or not; its size is what counts */
  readonly snr: number;
  readonly psfFlux: number;
  readonly reliability: number | null;
}
export interface MeasuredSource {
  readonly detector: number;
  readonly ra: number;
  readonly dec: number;
  readonly psfFlux: number;
  readonly psfFluxErr: number;
}

/** Counts and residuals of one visit; sums over visits make a night's score. */
export interface VisitScore {
  readonly visit: string;
  /** changed sources with true S/N above the limit: all of them, and those in the clear (not saturated, no defect, not at the edge) */
  readonly expected: number;
  readonly found: number;
  readonly expectedInTheClear: number;
  readonly foundInTheClear: number;
  /** detections above the limit, and how many of them are real changes */
  readonly detections: number;
  readonly real: number;
  /** star positions minus truth [mas], one axis after the other */
  readonly astrometry: readonly number[];
  /** by detector: median of measured minus true magnitude of stars [mag] */
  readonly zeroPointOffsets: readonly number[];
  /** measured over true change of flux of the found in the clear */
  readonly fluxRatios: readonly number[];
}

export interface ScoreOptions {
  /** S/N from which a change must be found */
  readonly minSnr?: number;
  /** [arcsec] */
  readonly matchRadius?: number;
  readonly minReliability?: number;
}

const EDGE = 10;
const ARCSEC = 1 / 3600;

export function scoreVisit(
  truth: VisitTruth,
  detections: readonly MeasuredDetection[],
  sources: readonly MeasuredSource[],
  { minSnr = 10, matchRadius = 1, minReliability = 0.5 }: ScoreOptions = {},
): VisitScore {
  const changed = truth.sources.filter((row) => Math.abs(row.deltaSnr) > minSnr);
  const kept = detections.filter(
    (detection) => detection.reliability === null || detection.reliability >= minReliability,
  );
  const near = (row: TruthRow, place: { ra: number; dec: number; detector: number }): boolean =>
    row.detector === place.detector && separationArcsec(row, place) < matchRadius;
  const inTheClear = (row: TruthRow): boolean =>
    !row.saturated && !row.nearSaturated && !row.nearDefect && row.edgeDistance > EDGE;
  const matches = changed.map((row) => ({
    row,
    detection: nearest(
      row,
      kept.filter((detection) => near(row, detection)),
    ),
  }));
  const found = matches.filter(({ detection }) => detection);
  const clear = matches.filter(({ row }) => inTheClear(row));
  // a detection is real when something there changed by an amount that can be seen at all
  const real = truth.sources.filter((row) => Math.abs(row.deltaSnr) > minSnr / 3);
  const significant = kept.filter((detection) => Math.abs(detection.snr) > minSnr);

  const stars = truth.sources.filter((row) => row.kind === 'star' && inTheClear(row) && row.snr > 50);
  const pairs = stars.flatMap((row) => {
    const source = nearest(
      row,
      sources.filter((candidate) => near(row, candidate)),
    );
    return source ? [{ row, source }] : [];
  });
  return {
    visit: truth.visit,
    expected: changed.length,
    found: found.length,
    expectedInTheClear: clear.length,
    foundInTheClear: clear.filter(({ detection }) => detection).length,
    detections: significant.length,
    real: significant.filter((detection) => real.some((row) => near(row, detection))).length,
    astrometry: pairs.flatMap(({ row, source }) => {
      const { east, north } = offset(row, source);
      return [east * 1000, north * 1000];
    }),
    zeroPointOffsets: [...new Set(pairs.map(({ row }) => row.detector))].map((detector) =>
      median(
        pairs
          .filter(({ row }) => row.detector === detector)
          .map(({ row, source }) => -2.5 * Math.log10(source.psfFlux / row.fluxNjy)),
      ),
    ),
    fluxRatios: clear.flatMap(({ row, detection }) => (detection ? [detection.psfFlux / row.deltaFluxNjy] : [])),
  };
}

export interface NightScore {
  readonly completeness: number;
  readonly completenessInTheClear: number;
  readonly purity: number;
  readonly expected: number;
  readonly detections: number;
  /** per axis, after 5-sigma clipping of blends [mas] */
  readonly astrometryRmsMas: number;
  readonly astrometryPairs: number;
  /** rms over detectors and visits of the offset of the zero point [mmag], and the largest */
  readonly zeroPointRmsMmag: number;
  readonly zeroPointWorstMmag: number;
  /** median of measured over true change of flux */
  readonly fluxRatio: number;
}

export function scoreNight(visits: readonly VisitScore[]): NightScore {
  const sum = (key: 'expected' | 'found' | 'expectedInTheClear' | 'foundInTheClear' | 'detections' | 'real'): number =>
    visits.reduce((total, visit) => total + visit[key], 0);
  const residuals = clipped(visits.flatMap((visit) => visit.astrometry));
  const zeroPoints = visits.flatMap((visit) => visit.zeroPointOffsets);
  const ratio = (a: number, b: number): number => (b === 0 ? NaN : a / b);
  return {
    completeness: ratio(sum('found'), sum('expected')),
    completenessInTheClear: ratio(sum('foundInTheClear'), sum('expectedInTheClear')),
    purity: ratio(sum('real'), sum('detections')),
    expected: sum('expected'),
    detections: sum('detections'),
    astrometryRmsMas: rms(residuals),
    astrometryPairs: residuals.length / 2,
    zeroPointRmsMmag: 1000 * rms(zeroPoints),
    zeroPointWorstMmag: 1000 * Math.max(0, ...zeroPoints.map(Math.abs)),
    fluxRatio: median(visits.flatMap((visit) => visit.fluxRatios)),
  };
}

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Three rounds of 5-sigma clipping with the sigma of the median absolute deviation. */
function clipped(values: readonly number[]): number[] {
  let kept = [...values];
  for (let round = 0; round < 3 && kept.length > 2; round++) {
    const limit = 5 * 1.4826 * median(kept.map(Math.abs));
    kept = kept.filter((value) => Math.abs(value) <= limit);
  }
  return kept;
}

interface Place {
  readonly ra: number;
  readonly dec: number;
}

/** place minus truth [arcsec], east times cos(dec) */
function offset(row: TruthRow, place: Place): { east: number; north: number } {
  let dRa = place.ra - row.raDeg;
  dRa -= 360 * Math.round(dRa / 360);
  return { east: (dRa * Math.cos((row.decDeg * Math.PI) / 180)) / ARCSEC, north: (place.dec - row.decDeg) / ARCSEC };
}
const separationArcsec = (row: TruthRow, place: Place): number => {
  const { east, north } = offset(row, place);
  return Math.hypot(east, north);
};
function nearest<T extends Place>(row: TruthRow, candidates: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const candidate of candidates)
    if (!best || separationArcsec(row, candidate) < separationArcsec(row, best)) best = candidate;
  return best;
}
