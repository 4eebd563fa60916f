// Measurements on a difference as rows of the DiaSource table: sky positions, calibrated fluxes [nJy], flags.
import { type Exposure, MaskBit } from '#libs/image';
import { DiaSource, makeDiaSourceId, tableOf } from '#libs/schema';
import type { Wcs } from '#libs/sky';
import { type CellValue, type Table, tableFromRows } from '#libs/table';
import type { RealityFeatures } from '../classification/index.js';
import { AlgorithmError } from '../errors.js';
import type { DiaMeasurement } from './detect-difference.js';

const DEG = Math.PI / 180;

/**
 * The rows in order of the measurements; ids count from 0 within visit and detector. Needs visit info and WCS; without a
 * photometric calibration fluxes stay in electrons.
 */
export function diaSourceTable(measurements: readonly DiaMeasurement[], difference: Exposure): Table {
  const { info, wcs } = difference;
  if (!info || !wcs) throw new AlgorithmError('BAD_INPUT', 'DIASources need the visit and the WCS of their image');
  const scale = difference.photoCalib?.scale ?? 1;
  const rows = measurements.map((m, n): Record<string, CellValue> => {
    const sky = wcs.pixelToSky(m.x, m.y);
    const errors = skyErrors(wcs, m);
    const arcsec = wcs.pixelScaleArcsec(m.x, m.y);
    const edge = (m.footprintBits & MaskBit.EDGE) !== 0;
    const noPixels = !Number.isFinite(m.psfFlux);
    return {
      diaSourceId: makeDiaSourceId(info.visit, info.detector, n),
      visit: info.visit,
      detector: info.detector,
      parentDiaSourceId: null,
      midpointMjdTai: info.midpointMjdTai,
      exposureTime: info.exposureTime,
      band: info.band,
      ra: sky.raDeg,
      dec: sky.decDeg,
      ...errors,
      x: m.x,
      y: m.y,
      xErr: m.xErr,
      yErr: m.yErr,
      centroid_flag: m.centroidFailed,
      apFlux: m.apFlux * scale,
      apFluxErr: m.apFluxErr * scale,
      apFlux_flag: !m.apComplete || !Number.isFinite(m.apFlux),
      apFlux_flag_apertureTruncated: !m.apComplete,
      isNegative: m.isNegative,
      snr: m.snr,
      psfFlux: m.psfFlux * scale,
      psfFluxErr: m.psfFluxErr * scale,
      psfLnL: -0.5 * m.psfChi2,
      psfChi2: m.psfChi2,
      psfNdata: m.psfPixels,
      psfFlux_flag: noPixels || m.usable < 0.5,
      psfFlux_flag_edge: edge && m.usable < 0.9,
      psfFlux_flag_noGoodPixels: noPixels,
      scienceFlux: m.scienceFlux * scale,
      scienceFluxErr: m.scienceFluxErr * scale,
      forced_PsfFlux_flag: !Number.isFinite(m.scienceFlux),
      forced_PsfFlux_flag_edge: edge && !Number.isFinite(m.scienceFlux),
      forced_PsfFlux_flag_noGoodPixels: !Number.isFinite(m.scienceFlux),
      templateFlux: m.templateFlux * scale,
      templateFluxErr: m.templateFluxErr * scale,
      ...shapeColumns(m, arcsec),
      ...dipoleColumns(m, wcs, arcsec, scale),
      ...trailColumns(m, wcs, arcsec),
      bboxSize: m.boxSize,
      ...flagColumns(m),
    };
  });
  return tableOf(
    DiaSource,
    rows,
    DiaSource.columns.filter((column) => !('extra' in column)).map((column) => column.name),
  );
}

/** On-sky errors (RA times cos dec) [deg] through the local Jacobian. */
function skyErrors(wcs: Wcs, m: DiaMeasurement): { raErr: number; decErr: number; ra_dec_Cov: number } {
  const centre = wcs.pixelToSky(m.x, m.y);
  const cosDec = Math.cos(centre.decDeg * DEG);
  const derivative = (dx: number, dy: number): readonly [number, number] => {
    const moved = wcs.pixelToSky(m.x + dx, m.y + dy);
    const dra = ((moved.raDeg - centre.raDeg + 540) % 360) - 180;
    return [dra * cosDec, moved.decDeg - centre.decDeg];
  };
  const [rx, dx] = derivative(1, 0);
  const [ry, dy] = derivative(0, 1);
  const vx = m.xErr ** 2;
  const vy = m.yErr ** 2;
  return {
    raErr: Math.sqrt(rx * rx * vx + ry * ry * vy),
    decErr: Math.sqrt(dx * dx * vx + dy * dy * vy),
    ra_dec_Cov: rx * dx * vx + ry * dy * vy,
  };
}

function shapeColumns(m: DiaMeasurement, arcsec: number): Record<string, CellValue> {
  const area = arcsec * arcsec;
  const failed = Number.isNaN(m.moments.xx);
  const excess = (m.moments.xx + m.moments.yy) / (m.psfMoments.xx + m.psfMoments.yy);
  return {
    ixx: m.moments.xx * area,
    iyy: m.moments.yy * area,
    ixy: m.moments.xy * area,
    ixxPSF: m.psfMoments.xx * area,
    iyyPSF: m.psfMoments.yy * area,
    ixyPSF: m.psfMoments.xy * area,
    shape_flag: failed,
    extendedness: failed ? null : Number(excess > 1.5 + 6 / Math.abs(m.snr)),
  };
}

function dipoleColumns(m: DiaMeasurement, wcs: Wcs, arcsec: number, scale: number): Record<string, CellValue> {
  const { dipole } = m;
  if (!dipole) return { isDipole: false, dipoleFitAttempted: false };
  const err = Math.hypot(dipole.positiveErr, dipole.negativeErr) * scale;
  return {
    isDipole: true,
    dipoleFitAttempted: true,
    dipoleMeanFlux: ((dipole.positive - dipole.negative) / 2) * scale,
    dipoleMeanFluxErr: err / 2,
    dipoleFluxDiff: (dipole.positive + dipole.negative) * scale,
    dipoleFluxDiffErr: err,
    dipoleLength: Math.hypot(dipole.dx, dipole.dy) * arcsec,
    dipoleAngle: positionAngle(wcs, m, dipole.dx, dipole.dy),
  };
}

/** A source clearly longer than the PSF: a uniform trail of length L adds L^2 / 12 to the variance along it. */
function trailColumns(m: DiaMeasurement, wcs: Wcs, arcsec: number): Record<string, CellValue> {
  const { xx, yy, xy } = m.moments;
  const half = Math.hypot((xx - yy) / 2, xy);
  const major = (xx + yy) / 2 + half;
  const minor = (xx + yy) / 2 - half;
  if (!(m.snr > 10) || !(major > 2 * minor) || m.dipole) return { trail_flag: true };
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  const position = positionAngle(wcs, m, Math.cos(angle), Math.sin(angle));
  return {
    trail_flag: false,
    trailLength: Math.sqrt(12 * (major - minor)) * arcsec,
    // a trail has no head: 0 to 180
    trailAngle: position % 180,
  };
}

/** Direction of a pixel vector on the sky, north through east [deg]. */
function positionAngle(wcs: Wcs, m: DiaMeasurement, dx: number, dy: number): number {
  const a = wcs.pixelToSky(m.x, m.y);
  const b = wcs.pixelToSky(m.x + dx, m.y + dy);
  const east = (((b.raDeg - a.raDeg + 540) % 360) - 180) * Math.cos(a.decDeg * DEG);
  return (Math.atan2(east, b.decDeg - a.decDeg) / DEG + 360) % 360;
}

function flagColumns({ footprintBits, centreBits }: DiaMeasurement): Record<string, CellValue> {
  const any = (bits: number): boolean => (footprintBits & bits) !== 0;
  const centre = (bits: number): boolean => (centreBits & bits) !== 0;
  const saturated = MaskBit.SAT | MaskBit.SAT_TEMPLATE;
  return {
    pixelFlags: false,
    pixelFlags_bad: any(MaskBit.BAD),
    pixelFlags_cr: any(MaskBit.CR),
    pixelFlags_crCenter: centre(MaskBit.CR),
    pixelFlags_edge: any(MaskBit.EDGE),
    pixelFlags_nodata: any(MaskBit.NO_DATA),
    pixelFlags_nodataCenter: centre(MaskBit.NO_DATA),
    pixelFlags_interpolated: any(MaskBit.INTRP),
    pixelFlags_interpolatedCenter: centre(MaskBit.INTRP),
    pixelFlags_offimage: false,
    pixelFlags_saturated: any(saturated),
    pixelFlags_saturatedCenter: centre(saturated),
    pixelFlags_suspect: any(MaskBit.SUSPECT),
    pixelFlags_suspectCenter: centre(MaskBit.SUSPECT),
    pixelFlags_streak: any(MaskBit.STREAK),
    pixelFlags_streakCenter: centre(MaskBit.STREAK),
    pixelFlags_injected: any(MaskBit.INJECTED),
    pixelFlags_injectedCenter: centre(MaskBit.INJECTED),
  };
}

/** The classifier's inputs of each measurement. */
export const realityFeatures = (m: DiaMeasurement): RealityFeatures => ({
  snr: Math.abs(m.psfFlux) / m.psfFluxErr,
  shapeRatio: (m.moments.xx + m.moments.yy) / (m.psfMoments.xx + m.psfMoments.yy),
  negativeFraction: m.features.negativeFraction,
  reducedChi2: m.features.reducedChi2,
  residualShare: m.features.residualShare,
  peakRatio: m.features.peakRatio,
  maskedFraction: m.features.maskedFraction,
  isDipole: m.dipole !== undefined,
  saturationDistance: m.features.saturationDistance,
  hostRatio: m.features.hostRatio,
  apertureRatio: m.apFlux / m.psfFlux,
});

/** The features as a table, keyed by diaSourceId, so that scores can be made and explained apart from the images. */
export function realityFeatureTable(features: readonly RealityFeatures[], ids: BigInt64Array): Table {
  const numeric = [
    ['snr', 'S/N of the PSF flux'],
    ['shapeRatio', 'trace of the moments over that of the PSF'],
    ['negativeFraction', 'fraction of pixels more than 2 sigma on the other side of zero'],
    ['reducedChi2', 'chi-squared per pixel of the PSF model'],
    ['residualShare', 'misfit of the PSF model as a share of the flux'],
    ['peakRatio', 'central pixel over that of the PSF model'],
    ['maskedFraction', 'share of 5 x 5 pixels that are flagged'],
    ['saturationDistance', 'distance to the nearest saturated pixel in PSF sigmas'],
    ['hostRatio', 'template peak over source peak'],
    ['apertureRatio', 'aperture flux over PSF flux'],
  ] as const;
  return tableFromRows(
    [
      { name: 'diaSourceId', type: 'long', description: 'identifier of the detection' },
      ...numeric.map(([name, description]) => ({ name, type: 'double' as const, description })),
      { name: 'isDipole', type: 'boolean', description: 'fitted as a dipole' },
    ],
    features.map((feature, k) => ({ diaSourceId: ids[k]!, ...feature })),
    'DiaSourceFeatures',
  );
}

/** Reads back a row of `realityFeatureTable`. */
export function realityFeaturesOf(table: Table, row: number): RealityFeatures {
  const number = (name: string): number => table.data(name, 'double')[row]!;
  return {
    snr: number('snr'),
    shapeRatio: number('shapeRatio'),
    negativeFraction: number('negativeFraction'),
    reducedChi2: number('reducedChi2'),
    residualShare: number('residualShare'),
    peakRatio: number('peakRatio'),
    maskedFraction: number('maskedFraction'),
    isDipole: table.data('isDipole', 'boolean')[row] === 1,
    saturationDistance: number('saturationDistance'),
    hostRatio: number('hostRatio'),
    apertureRatio: number('apertureRatio'),
  };
}
