/**
 * Reads the celestial WCS of a FITS header (Papers I and II, SIP, TPV, the AIPS CROTA2 form).
 * Forms of the matrix: CDi_j, PCi_j with CDELTi, CDELTi with CROTA2. Missing or unusable descriptions are typed errors.
 */
import type { FitsHeader } from '#libs/fits';
import { CelestialWcs, type Matrix2 } from './celestial-wcs.js';
import { SkyError } from './errors.js';
import { SipMap, type SipPolynomial, sipPolynomial, TPV_TERM_COUNT, TpvMap } from './plane-map.js';
import { TAN } from './projection.js';
import { projectionOf } from './projections.js';

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
}

export function wcsFromHeader(header: FitsHeader, options: WcsHeaderOptions = {}): CelestialWcs {
  const { alternate = '', frame = 'icrs' } = options;
  const keyword = (name: string): string => name + alternate;
  const number = (name: string): number | undefined => headerNumber(header, keyword(name));
  const text = (name: string): string | undefined => {
    const value = header.get(keyword(name));
    return typeof value === 'string' ? value.trim() : undefined;
  };

  const types = axisTypes(header, text, number('WCSAXES'));
  const lonAxis = types.findIndex((type) => /^(RA--|GLON|ELON|SLON|HLON|[A-Z]{2}LN)/.test(type)) + 1;
  const latAxis = types.findIndex((type) => /^(DEC-|GLAT|ELAT|SLAT|HLAT|[A-Z]{2}LT)/.test(type)) + 1;
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
  const toIcrs =
    frame === 'icrs' ? rotationToIcrs(lonType, text('RADESYS') ?? text('RADECSYS'), number('EQUINOX')) : undefined;

  // pixel axes are taken in the order of the two celestial axes: usually 1 and 2
  const first = Math.min(lonAxis, latAxis);
  const second = Math.max(lonAxis, latAxis);
  const lonUnit = unitFactor(text(`CUNIT${lonAxis}`), `CUNIT${lonAxis}`);
  const latUnit = unitFactor(text(`CUNIT${latAxis}`), `CUNIT${latAxis}`);
  const matrix = linearMatrix(number, first, second);
  const lonRow = lonAxis < latAxis ? matrix[0] : matrix[1];
  const latRow = lonAxis < latAxis ? matrix[1] : matrix[0];
  const cd: Matrix2 = [
    [lonRow[0] * lonUnit, lonRow[1] * lonUnit],
    [latRow[0] * latUnit, latRow[1] * latUnit],
  ];

  const pv = (axis: number): Float64Array => {
    const values = new Float64Array(TPV_TERM_COUNT).fill(NaN);
    for (let m = 0; m < TPV_TERM_COUNT; m++) values[m] = number(`PV${axis}_${m}`) ?? NaN;
    return values;
  };
  const sip = alternate === '' ? readSip(header) : undefined;
  const pv1 = pv(lonAxis);
  const pv2 = pv(latAxis);
  // SCAMP writes TPV polynomials under the name TAN: PV on the latitude axis or beyond PV1_4 means that
  const scamp = code === 'TAN' && !sip && (pv2.some((v) => !Number.isNaN(v)) || pv1.some((v, m) => m > 4 && v === v));
  const tpv = code === 'TPV' || scamp ? new TpvMap(withTpvDefaults(pv1), withTpvDefaults(pv2)) : undefined;
  const lonPoleDeg = number('LONPOLE') ?? (tpv ? undefined : finite(pv1[3]));
  const latPoleDeg = number('LATPOLE') ?? (tpv ? undefined : finite(pv1[4]));
  const projection = code === 'TPV' ? TAN : projectionOf(code, projectionParameters(code, pv2, number));
  return new CelestialWcs({
    crpix: { x: (number(`CRPIX${first}`) ?? 0) - 1, y: (number(`CRPIX${second}`) ?? 0) - 1 },
    crvalRaDeg: (number(`CRVAL${lonAxis}`) ?? 0) * lonUnit,
    crvalDecDeg: (number(`CRVAL${latAxis}`) ?? 0) * latUnit,
    cd,
    projection,
    ...(toIcrs && { toIcrs }),
    ...(sip && { sip }),
    ...(tpv && { tpv }),
    ...(lonPoleDeg !== undefined && { lonPoleDeg }),
    ...(latPoleDeg !== undefined && { latPoleDeg }),
  });
}

/** ICRS from galactic unit vectors (ESA 1997, Hipparcos vol. 1, eq. 1.5.11, transposed) */
const GALACTIC_TO_ICRS = [
  -0.0548755604162154, 0.4941094278755837, -0.8676661490190047, -0.873437090234885, -0.4448296299600112,
  -0.1980763734312015, -0.4838350155487132, 0.746982244497219, 0.4559837761750669,
] as const;
const COS_OBLIQUITY = Math.cos((84381.406 / 3600) * (Math.PI / 180));
const SIN_OBLIQUITY = Math.sin((84381.406 / 3600) * (Math.PI / 180));
const ECLIPTIC_TO_ICRS = [1, 0, 0, 0, COS_OBLIQUITY, -SIN_OBLIQUITY, 0, SIN_OBLIQUITY, COS_OBLIQUITY] as const;

/** FK5 J2000 is ICRS to 25 mas and taken as such; older systems are refused rather than silently misplaced. */
function rotationToIcrs(
  lonType: string,
  system: string | undefined,
  equinox: number | undefined,
): readonly number[] | undefined {
  if (lonType.startsWith('GLON')) return GALACTIC_TO_ICRS;
  if (lonType.startsWith('ELON')) return ECLIPTIC_TO_ICRS;
  if (!lonType.startsWith('RA--'))
    throw new SkyError('UNSUPPORTED_WCS', `the celestial system of ${lonType} is not supported`, lonType);
  const name = system?.toUpperCase() ?? (equinox !== undefined && equinox < 1984 ? 'FK4' : 'ICRS');
  if (name.startsWith('FK4') || name === 'GAPPT' || (name === 'FK5' && Math.abs((equinox ?? 2000) - 2000) > 0.01))
    throw new SkyError('UNSUPPORTED_WCS', `the celestial system ${name} (equinox ${equinox}) is not supported`, name);
  return undefined;
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

function headerNumber(header: FitsHeader, keyword: string): number | undefined {
  const value = header.get(keyword);
  if (value === undefined) return undefined;
  // some writers quote their numbers
  const result = typeof value === 'string' ? (value.trim() === '' ? NaN : Number(value)) : Number(value);
  if (typeof value === 'boolean' || !Number.isFinite(result))
    throw new SkyError('INVALID_WCS', `${keyword} is ${String(value)}, which is not a finite number`, value);
  return result;
}

function unitFactor(unit: string | undefined, keyword: string): number {
  if (!unit) return 1;
  const factor = UNIT_DEGREES[unit.toLowerCase()];
  if (factor === undefined) throw new SkyError('UNSUPPORTED_WCS', `${keyword} is ${unit}, not an angle`, unit);
  return factor;
}

function linearMatrix(number: (name: string) => number | undefined, i: number, j: number): Matrix2 {
  const axes = [i, j] as const;
  const entry = (prefix: string): (number | undefined)[] =>
    axes.flatMap((row) => axes.map((column) => number(`${prefix}${row}_${column}`)));
  const cd = entry('CD');
  if (cd.some((value) => value !== undefined)) {
    const [a = 0, b = 0, c = 0, d = 0] = cd;
    return [
      [a, b],
      [c, d],
    ];
  }
  const cdelt1 = number(`CDELT${i}`) ?? 1;
  const cdelt2 = number(`CDELT${j}`) ?? 1;
  let pc = entry('PC');
  if (pc.every((value) => value === undefined)) {
    const old = (row: number, column: number): string =>
      `PC${String(row).padStart(3, '0')}${String(column).padStart(3, '0')}`;
    pc = axes.flatMap((row) => axes.map((column) => number(old(row, column))));
  }
  if (pc.some((value) => value !== undefined)) {
    const [a = 1, b = 0, c = 0, d = 1] = pc;
    return [
      [cdelt1 * a, cdelt1 * b],
      [cdelt2 * c, cdelt2 * d],
    ];
  }
  const rotation = ((number(`CROTA${j}`) ?? number(`CROTA${i}`) ?? 0) * Math.PI) / 180;
  const sin = Math.sin(rotation);
  const cos = Math.cos(rotation);
  return [
    [cdelt1 * cos, -cdelt2 * sin],
    [cdelt1 * sin, cdelt2 * cos],
  ];
}

function readSip(header: FitsHeader): SipMap | undefined {
  const polynomial = (name: string): SipPolynomial | undefined => {
    const order = headerNumber(header, `${name}_ORDER`);
    if (order === undefined) return undefined;
    if (!Number.isInteger(order) || order < 0 || order > 9)
      throw new SkyError('INVALID_WCS', `${name}_ORDER is ${order}, not an integer from 0 to 9`, order);
    const terms: [number, number, number][] = [];
    for (let p = 0; p <= order; p++)
      for (let q = 0; q <= order - p; q++) terms.push([p, q, headerNumber(header, `${name}_${p}_${q}`) ?? 0]);
    return sipPolynomial(order, terms);
  };
  const a = polynomial('A');
  const b = polynomial('B');
  if ((a === undefined) !== (b === undefined))
    throw new SkyError('INVALID_WCS', `SIP needs A_ORDER and B_ORDER together; ${a ? 'B' : 'A'}_ORDER is missing`);
  return a && b ? new SipMap(a, b, polynomial('AP'), polynomial('BP')) : undefined;
}

/** Coefficients absent from the header: identity (the linear term is 1, the rest 0). */
function withTpvDefaults(values: Float64Array): Float64Array {
  const result = values.map((value, m) => (Number.isNaN(value) ? (m === 1 ? 1 : 0) : value));
  let length = result.length;
  while (length > 2 && result[length - 1] === 0) length--;
  return result.slice(0, length);
}
