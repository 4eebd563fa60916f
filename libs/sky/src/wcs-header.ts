/**
 * Reads the celestial WCS of a FITS header (Papers I and II, SIP, TPV, the AIPS CROTA2 form).
 * Forms of the matrix: CDi_j, PCi_j with CDELTi, CDELTi with CROTA2. Missing or unusable descriptions are typed errors.
 */
import type { FitsHeader } from '#libs/fits';
import { celestialFrame, isLatitudeType, isLongitudeType, requireIcrs } from './celestial-frames.js';
import { CelestialWcs, type Matrix2 } from './celestial-wcs.js';
import { SkyError } from './errors.js';
import { TPV_TERM_COUNT, TpvMap } from './plane-map.js';
import { type Fiducial, type Projection, TAN } from './projection.js';
import { projectionOf } from './projections.js';
import { headerNumber, readDistortions, readSip } from './wcs-distortions.js';

const UNIT_DEGREES: Readonly<Record<string, number>> = {
  deg: 1,
  degree: 1,
  degrees: 1,
  arcmin: 1 / 60,
  arcsec: 1 / 3600,
  mas: 1 / 3.6e6,
  rad: 180 / Math.PI,
};

export interface WcsHeaderOptions {
  /** letter of an alternate description, e.g. `A` for CTYPE1A */
  readonly alternate?: string;
  /** `icrs` turns galactic and ecliptic axes to ICRS; `asWritten` gives the header's own longitude and latitude */
  readonly frame?: 'icrs' | 'asWritten';
  /** tabulated distortions (CPDISj, D2IMDISj of kind Lookup) lie in other HDUs: refused unless they may be left out */
  readonly lookupDistortions?: 'refuse' | 'ignore';
}

export function wcsFromHeader(header: FitsHeader, options: WcsHeaderOptions = {}): CelestialWcs {
  const { alternate = '', frame: wantedFrame = 'icrs' } = options;
  const keyword = (name: string): string => name + alternate;
  const number = (name: string): number | undefined => headerNumber(header, keyword(name));
  const text = (name: string): string | undefined => {
    const value = header.get(keyword(name));
    return typeof value === 'string' ? value.trim() : undefined;
  };

  const types = axisTypes(header, text, number('WCSAXES'));
  const lonAxis = types.findIndex(isLongitudeType) + 1;
  const latAxis = types.findIndex(isLatitudeType) + 1;
  if (lonAxis === 0 || latAxis === 0)
    throw new SkyError(
      'MISSING_WCS',
      `the header has no pair of celestial axes (CTYPE: ${types.join(', ') || 'none'})`,
    );
  const lonType = types[lonAxis - 1]!;
  const latType = types[latAxis - 1]!;
  const code = lonType.slice(5, 8).trim();
  if (latType.slice(5, 8).trim() !== code || code === '')
    throw new SkyError('UNSUPPORTED_WCS', `the axes ${lonType} and ${latType} are not supported`, lonType);
  const frame = celestialFrame(lonType, latType, text('RADESYS') ?? text('RADECSYS'), number('EQUINOX'));
  if (wantedFrame === 'icrs') requireIcrs(frame);

  const lonUnit = unitFactor(text(`CUNIT${lonAxis}`), `CUNIT${lonAxis}`);
  const latUnit = unitFactor(text(`CUNIT${latAxis}`), `CUNIT${latAxis}`);
  const { rows, pixelAxes } = celestialMatrix(number, lonAxis, latAxis, types.length);
  const cd: Matrix2 = [
    [rows[0][0] * lonUnit, rows[0][1] * lonUnit],
    [rows[1][0] * latUnit, rows[1][1] * latUnit],
  ];
  const [first, second] = pixelAxes;
  const crpix = { x: (number(`CRPIX${first}`) ?? 0) - 1, y: (number(`CRPIX${second}`) ?? 0) - 1 };

  const pv = (axis: number): Float64Array =>
    Float64Array.from({ length: TPV_TERM_COUNT }, (_, m) => number(`PV${axis}_${m}`) ?? NaN);
  const given = readDistortions(header, { alternate, lonAxis, latAxis, pixelAxes, crpix, ...options });
  // there is one set of SIP keywords: that of the primary description, and of alternates whose CTYPE asks for it
  const sip = (alternate === '' || lonType.endsWith('-SIP') ? readSip(header) : undefined) ?? given.sip;
  const pv1 = pv(lonAxis);
  const pv2 = pv(latAxis);
  // SCAMP writes TPV polynomials under the name TAN: PV on the latitude axis or beyond PV1_4 means that
  const scamp = code === 'TAN' && !sip && (pv2.some((v) => !Number.isNaN(v)) || pv1.some((v, m) => m > 4 && v === v));
  const tpv = code === 'TPV' || scamp ? new TpvMap(withTpvDefaults(pv1), withTpvDefaults(pv2)) : given.tpv;
  const own = code === 'TPV' || scamp;
  // PVi_3 and PVi_4 of the longitude axis are LONPOLE and LATPOLE by other names, and go before them
  const lonPoleDeg = (own ? undefined : finite(pv1[3])) ?? number('LONPOLE');
  const latPoleDeg = (own ? undefined : finite(pv1[4])) ?? number('LATPOLE');
  const projection = code === 'TPV' ? TAN : projectionOf(code, projectionParameters(code, pv2, number));
  const fiducial = own ? undefined : readFiducial(pv1, projection);
  return new CelestialWcs({
    crpix,
    crvalRaDeg: (number(`CRVAL${lonAxis}`) ?? 0) * lonUnit,
    crvalDecDeg: (number(`CRVAL${latAxis}`) ?? 0) * latUnit,
    cd,
    projection,
    frame,
    ...(wantedFrame === 'asWritten' && { keepFrame: true }),
    ...((first !== 1 || second !== 2) && { pixelAxes }),
    ...(fiducial && { fiducial }),
    ...(sip && { sip }),
    ...(tpv && { tpv }),
    ...(lonPoleDeg !== undefined && { lonPoleDeg }),
    ...(latPoleDeg !== undefined && { latPoleDeg }),
  });
}

/** PVi_0 (offset), PVi_1 (phi0), PVi_2 (theta0) of the longitude axis; undefined when they say nothing new. */
function readFiducial(pv: Float64Array, projection: Projection): Fiducial | undefined {
  const phi0 = finite(pv[1]) ?? projection.phi0;
  const theta0 = finite(pv[2]) ?? projection.theta0;
  const offset = (finite(pv[0]) ?? 0) !== 0;
  return phi0 === projection.phi0 && theta0 === projection.theta0 ? undefined : { phi0, theta0, offset };
}

/** PVlat_m up to the last one given; the zenithal polynomial takes all, others few. */
function projectionParameters(code: string, pv: Float64Array, number: (name: string) => number | undefined): number[] {
  // the AIPS way of giving the slant of SIN is not read; PROJPn is the pre-standard spelling of PV2_n
  const values = Array.from(pv.subarray(0, 31), (value, m) =>
    Number.isNaN(value) ? (number(`PROJP${m}`) ?? NaN) : value,
  );
  let length = values.length;
  while (length > 0 && Number.isNaN(values[length - 1]!)) length--;
  const defaults: Readonly<Record<string, readonly number[]>> = {
    CYP: [0, 1, 1],
    CEA: [0, 1],
    AIR: [0, 90],
    SZP: [0, 0, 0, 90],
    HPX: [0, 4, 3],
  };
  return values.slice(0, length).map((value, m) => (Number.isNaN(value) ? (defaults[code]?.[m] ?? 0) : value));
}

/** Whether a header describes celestial axes at all (they may still be of an unsupported kind). */
export function hasWcs(header: FitsHeader): boolean {
  const types = [1, 2, 3, 4].map((axis) => header.get(`CTYPE${axis}`));
  return types.some((type) => typeof type === 'string' && /^(RA--|GLON|ELON)/.test(type));
}

function axisTypes(
  header: FitsHeader,
  text: (name: string) => string | undefined,
  wcsAxes: number | undefined,
): string[] {
  const count = Math.max(2, Math.min(9, wcsAxes ?? headerNumber(header, 'NAXIS') ?? 2));
  return Array.from({ length: count }, (_, i) => (text(`CTYPE${i + 1}`) ?? '').toUpperCase());
}

const finite = (value: number | undefined): number | undefined => (Number.isFinite(value) ? value : undefined);

function unitFactor(unit: string | undefined, keyword: string): number {
  if (!unit) return 1;
  const factor = UNIT_DEGREES[unit.toLowerCase()];
  if (factor === undefined) throw new SkyError('UNSUPPORTED_WCS', `${keyword} is ${unit}, not an angle`, unit);
  return factor;
}

/**
 * The rows of the celestial axes over the two pixel axes they depend on. Commonly these are the axes of the same numbers; a matrix that
 * exchanges axes may name others, and one that mixes in a third has no two-dimensional celestial WCS.
 */
function celestialMatrix(
  number: (name: string) => number | undefined,
  lonAxis: number,
  latAxis: number,
  count: number,
): { readonly rows: Matrix2; readonly pixelAxes: readonly [number, number] } {
  const all = Array.from({ length: count }, (_, j) => j + 1);
  const row = (i: number): number[] => matrixRow(number, i, all, lonAxis, latAxis);
  const lonRow = row(lonAxis);
  const latRow = row(latAxis);
  const used = all.filter((j) => lonRow[j - 1] !== 0 || latRow[j - 1] !== 0);
  if (used.length > 2)
    throw new SkyError(
      'UNSUPPORTED_WCS',
      `the celestial axes depend on the pixel axes ${used.join(', ')}; only two can be mapped`,
      used,
    );
  const ordered = [lonAxis, latAxis].sort((a, b) => a - b) as [number, number];
  const pixelAxes = used.length === 2 ? (used as [number, number]) : ordered;
  const pick = (values: readonly number[]): readonly [number, number] => [
    values[pixelAxes[0] - 1]!,
    values[pixelAxes[1] - 1]!,
  ];
  return { rows: [pick(lonRow), pick(latRow)], pixelAxes };
}

/** One row of the matrix: CDi_j, or CDELTi with PCi_j, or CDELTi with the rotation CROTA of the celestial pair. */
function matrixRow(
  number: (name: string) => number | undefined,
  i: number,
  all: readonly number[],
  lonAxis: number,
  latAxis: number,
): number[] {
  const pair = [lonAxis, latAxis];
  if (pair.some((k) => all.some((j) => number(`CD${k}_${j}`) !== undefined)))
    return all.map((j) => number(`CD${i}_${j}`) ?? 0);
  const cdelt = number(`CDELT${i}`) ?? 1;
  const digits = (axis: number): string => String(axis).padStart(3, '0');
  const element = (row: number, column: number): number | undefined =>
    number(`PC${row}_${column}`) ?? number(`PC${digits(row)}${digits(column)}`);
  if (pair.some((k) => all.some((j) => element(k, j) !== undefined)))
    return all.map((j) => cdelt * (element(i, j) ?? (i === j ? 1 : 0)));
  const rotation = ((number(`CROTA${latAxis}`) ?? number(`CROTA${lonAxis}`) ?? 0) * Math.PI) / 180;
  const other = i === lonAxis ? latAxis : lonAxis;
  const across = (number(`CDELT${other}`) ?? 1) * Math.sin(rotation) * (i === lonAxis ? -1 : 1);
  return all.map((j) => (j === i ? cdelt * Math.cos(rotation) : j === other ? across : 0));
}
/** Coefficients absent from the header: identity (the linear term is 1, the rest 0). */
function withTpvDefaults(values: Float64Array): Float64Array {
  const result = values.map((value, m) => (Number.isNaN(value) ? (m === 1 ? 1 : 0) : value));
  let length = result.length;
  while (length > 2 && result[length - 1] === 0) length--;
  return result.slice(0, length);
}
