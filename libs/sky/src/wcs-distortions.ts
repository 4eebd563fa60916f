/**
 * Distortions of image headers: the SIP keywords, and the distortion functions of FITS WCS Paper IV (draft of 2004, as wcslib writes
 * them): CPDISj before the matrix, CQDISi after it, with record-valued DPj and DQi. Kinds SIP, TPV, TPD and Polynomial become the SIP or
 * TPV map they equal; whatever equals neither, and tables in other HDUs (Lookup), are refused with UNSUPPORTED_WCS.
 */
import type { FitsHeader, FitsValue } from '#libs/fits';
import { SkyError } from './errors.js';
import { SipMap, type SipPolynomial, sipPolynomial, TEMPLATE_TERMS, TPV_TERM_COUNT, TpvMap } from './plane-map.js';

export function headerNumber(header: FitsHeader, keyword: string): number | undefined {
  const value = header.get(keyword);
  if (value === undefined) return undefined;
  // some writers quote their numbers
  const result = typeof value === 'string' ? (value.trim() === '' ? NaN : Number(value)) : Number(value);
  if (typeof value === 'boolean' || !Number.isFinite(result))
    throw new SkyError('INVALID_WCS', `${keyword} is ${String(value)}, which is not a finite number`, value);
  return result;
}

export function readSip(header: FitsHeader): SipMap | undefined {
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

export interface DistortionContext {
  readonly alternate: string;
  readonly lonAxis: number;
  readonly latAxis: number;
  readonly pixelAxes: readonly [number, number];
  /** 0-based */
  readonly crpix: { readonly x: number; readonly y: number };
  readonly lookupDistortions?: 'refuse' | 'ignore';
}

export function readDistortions(
  header: FitsHeader,
  context: DistortionContext,
): { readonly sip?: SipMap; readonly tpv?: TpvMap } {
  const { alternate, lonAxis, latAxis, pixelAxes, crpix } = context;
  const kindOf = (name: string): string | undefined => {
    const value = header.get(name);
    return typeof value === 'string' && value.trim() !== '' ? value.trim().toUpperCase() : undefined;
  };
  for (const name of ['CPDIS', 'CQDIS', 'D2IMDIS'])
    for (const axis of new Set([...pixelAxes, lonAxis, latAxis])) {
      const keyword = `${name}${axis}${name === 'D2IMDIS' ? '' : alternate}`;
      if (kindOf(keyword) === 'LOOKUP' && context.lookupDistortions !== 'ignore')
        throw new SkyError('UNSUPPORTED_WCS', `${keyword} is a distortion table in another HDU`, kindOf(keyword));
    }
  const pair = (prefix: 'P' | 'Q', axes: readonly [number, number]): readonly Monomial[][] | undefined => {
    const kinds = axes.map((axis) => kindOf(`C${prefix}DIS${axis}${alternate}`));
    if (kinds.every((kind) => kind === undefined || kind === 'LOOKUP')) return undefined;
    return axes.map((axis, k) => {
      const kind = kinds[k];
      const keyword = `D${prefix}${axis}${alternate}`;
      const origin = prefix === 'P' ? [crpix.x + 1, crpix.y + 1] : [0, 0];
      return kind === undefined ? [] : monomials(kind, keyword, recordsOf(header, keyword), axes, k, origin);
    });
  };
  const prior = pair('P', pixelAxes);
  const sequent = pair('Q', [lonAxis, latAxis]);
  return {
    ...(prior && { sip: new SipMap(asSip(prior[0]!), asSip(prior[1]!)) }),
    ...(sequent && { tpv: new TpvMap(asTpv(sequent[0]!, 0), asTpv(sequent[1]!, 1)) }),
  };
}

/** coefficient and powers of the first coordinate, the second and their radius; what is added to the coordinate */
type Monomial = readonly [coefficient: number, p: number, q: number, r: number];

/** All records `FIELD: value` of a record-valued keyword. */
function recordsOf(header: FitsHeader, keyword: string): Map<string, number> {
  const cards = 'cards' in header ? (header.cards as () => readonly { keyword: string; value: FitsValue }[])() : [];
  const records = new Map<string, number>();
  for (const card of cards) {
    if (card.keyword !== keyword || typeof card.value !== 'string') continue;
    const [field, value] = card.value.split(':');
    const number = Number(value);
    if (!field || value === undefined || !Number.isFinite(number))
      throw new SkyError('INVALID_WCS', `${keyword} holds "${card.value}", which is no record`, card.value);
    records.set(field.trim().toUpperCase(), number);
  }
  return records;
}

/** The correction of one axis (`axes[k]`) as monomials of the offsets from `origin`. */
function monomials(
  kind: string,
  keyword: string,
  records: ReadonlyMap<string, number>,
  axes: readonly [number, number],
  k: number,
  origin: readonly number[],
): Monomial[] {
  const refuse = (why: string): never => {
    throw new SkyError('UNSUPPORTED_WCS', `the ${kind} distortion of ${keyword} ${why}`, kind);
  };
  const count = records.get('NAXES') ?? 2;
  const variables = [1, 2].map((n) => records.get(`AXIS.${n}`) ?? axes[n - 1]!);
  if (count !== 2 || !variables.every((axis) => axes.includes(axis)) || variables[0] === variables[1])
    refuse('is not a function of the two celestial axes');
  const exchanged = variables[0] !== axes[0];
  for (const n of [1, 2]) {
    const coordinate = axes.indexOf(variables[n - 1]!);
    if ((records.get(`SCALE.${n}`) ?? 1) !== 1) refuse('scales its variables');
    if (Math.abs((records.get(`OFFSET.${n}`) ?? 0) - origin[coordinate]!) > 1e-9)
      refuse('is not about the reference point');
  }
  const terms: Monomial[] = [];
  const add = (value: number, p: number, q: number, r: number): void => {
    terms.push(exchanged ? [value, q, p, r] : [value, p, q, r]);
  };
  for (const [field, value] of records) {
    const [family, ...rest] = field.split('.');
    if (family === 'SIP' && kind === 'SIP' && rest[0] === 'FWD') {
      const [p, q] = rest[1]!.split('_').map(Number);
      add(value, p!, q!, 0);
    } else if ((family === 'TPD' && kind === 'TPD' && rest[0] === 'FWD') || (family === 'TPV' && kind === 'TPV')) {
      const term = TEMPLATE_TERMS[Number(rest.at(-1))] ?? refuse(`has an unknown term ${field}`);
      add(value, ...term);
    } else if (family === 'TERM' && kind === 'POLYNOMIAL' && rest[1] === 'COEFF') {
      const power = (n: number): number => records.get(`TERM.${rest[0]}.VAR.${n}`) ?? 0;
      add(value, power(1), power(2), 0);
    } else if (family === 'AUX' || rest[1] === 'AUX') refuse('has auxiliary variables');
    else if (
      !['NAXES', 'AXIS', 'OFFSET', 'SCALE', 'DOCORR', 'NUMTERMS', 'NAUX', 'TERM', 'SIP', 'TPD'].includes(family!)
    )
      refuse(`has an unknown record ${field}`);
  }
  if (!['SIP', 'TPD', 'TPV', 'POLYNOMIAL'].includes(kind)) refuse('is not supported');
  // the polynomial gives the corrected coordinate itself: what it adds is less by that coordinate
  if (kind === 'TPV' || records.get('DOCORR') === 0) terms.push(k === 0 ? [-1, 1, 0, 0] : [-1, 0, 1, 0]);
  if (terms.some(([, p, q]) => !Number.isInteger(p) || !Number.isInteger(q) || p < 0 || q < 0))
    refuse('has powers that are not whole numbers');
  return terms;
}

function asSip(terms: readonly Monomial[]): SipPolynomial {
  const order = terms.reduce((most, [value, p, q, r]) => (value === 0 ? most : Math.max(most, p + q + r)), 0);
  if (order > 9 || terms.some(([value, , , r]) => value !== 0 && r > 0))
    throw new SkyError('UNSUPPORTED_WCS', 'the distortion before the matrix is no polynomial of degree 9', order);
  const sums = new Map<string, [number, number, number]>();
  for (const [value, p, q] of terms) {
    const sum = sums.get(`${p},${q}`);
    if (sum) sum[2] += value;
    else sums.set(`${p},${q}`, [p, q, value]);
  }
  return sipPolynomial(order, sums.values());
}

function asTpv(terms: readonly Monomial[], axis: 0 | 1): Float64Array {
  const pv = new Float64Array(TPV_TERM_COUNT);
  pv[1] = 1;
  for (const [value, p, q, r] of terms) {
    if (value === 0) continue;
    const [x, y] = axis === 0 ? [p, q] : [q, p];
    const m = TEMPLATE_TERMS.findIndex(([i, j, n]) => i === x && j === y && n === r);
    if (m < 0 || m >= TPV_TERM_COUNT)
      throw new SkyError('UNSUPPORTED_WCS', 'the distortion after the matrix is no polynomial of degree 7', [x, y, r]);
    pv[m]! += value;
  }
  return pv;
}
