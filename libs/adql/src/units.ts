// Units for IN_UNIT: the part of VOUnits 1.0 that survey tables use. A unit is a factor times powers of base dimensions.
// Magnitudes and other logarithmic units convert to themselves only.

import type { Context } from './context.js';
import type { Span } from './error.js';
import type { Value } from './value.js';

interface Unit {
  readonly factor: number;
  /** powers by base unit */
  readonly powers: ReadonlyMap<string, number>;
}

const BASES: Readonly<Record<string, readonly [factor: number, ...powers: (readonly [string, number])[]]>> = {
  m: [1, ['m', 1]],
  g: [1e-3, ['kg', 1]],
  s: [1, ['s', 1]],
  A: [1, ['A', 1]],
  K: [1, ['K', 1]],
  mol: [1, ['mol', 1]],
  rad: [1, ['rad', 1]],
  sr: [1, ['rad', 2]],
  deg: [Math.PI / 180, ['rad', 1]],
  arcmin: [Math.PI / 10800, ['rad', 1]],
  arcsec: [Math.PI / 648000, ['rad', 1]],
  mas: [Math.PI / 648e6, ['rad', 1]],
  uas: [Math.PI / 648e9, ['rad', 1]],
  min: [60, ['s', 1]],
  h: [3600, ['s', 1]],
  d: [86400, ['s', 1]],
  a: [31557600, ['s', 1]],
  yr: [31557600, ['s', 1]],
  Hz: [1, ['s', -1]],
  N: [1, ['kg', 1], ['m', 1], ['s', -2]],
  J: [1, ['kg', 1], ['m', 2], ['s', -2]],
  W: [1, ['kg', 1], ['m', 2], ['s', -3]],
  Pa: [1, ['kg', 1], ['m', -1], ['s', -2]],
  erg: [1e-7, ['kg', 1], ['m', 2], ['s', -2]],
  eV: [1.602176634e-19, ['kg', 1], ['m', 2], ['s', -2]],
  Jy: [1e-26, ['kg', 1], ['s', -2]],
  Angstrom: [1e-10, ['m', 1]],
  angstrom: [1e-10, ['m', 1]],
  AU: [149597870700, ['m', 1]],
  au: [149597870700, ['m', 1]],
  pc: [3.085677581491367e16, ['m', 1]],
  lyr: [9460730472580800, ['m', 1]],
  solRad: [6.957e8, ['m', 1]],
  solMass: [1.988409870698051e30, ['kg', 1]],
  u: [1.6605390666e-27, ['kg', 1]],
  C: [1, ['A', 1], ['s', 1]],
  V: [1, ['kg', 1], ['m', 2], ['s', -3], ['A', -1]],
  mag: [1, ['mag', 1]],
  dex: [1, ['dex', 1]],
  dB: [1, ['dB', 1]],
  pix: [1, ['pix', 1]],
  pixel: [1, ['pix', 1]],
  electron: [1, ['electron', 1]],
  adu: [1, ['adu', 1]],
  ct: [1, ['count', 1]],
  count: [1, ['count', 1]],
  photon: [1, ['photon', 1]],
  bit: [1, ['bit', 1]],
  byte: [8, ['bit', 1]],
  '%': [0.01],
};
const NO_PREFIX = new Set([
  'min',
  'h',
  'd',
  'au',
  'AU',
  'mas',
  'uas',
  'arcmin',
  'mag',
  'dex',
  'dB',
  '%',
  'deg',
  'Angstrom',
  'angstrom',
]);
const PREFIXES: Readonly<Record<string, number>> = {
  y: 1e-24,
  z: 1e-21,
  a: 1e-18,
  f: 1e-15,
  p: 1e-12,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  c: 1e-2,
  d: 1e-1,
  da: 10,
  h: 1e2,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Z: 1e21,
  Y: 1e24,
};

/** The number that turns a value into a unit. @throws AdqlError when there is none */
export function conversionFactor(context: Context, value: Value, target: string, span: Span): number {
  const from = value.metadata?.unit;
  if (from === undefined)
    throw context.error(
      'UNKNOWN_UNIT',
      'the unit of this value is not known, so that it cannot be converted',
      value.span,
    );
  const source = parseUnit(from);
  if (!source) throw context.error('UNKNOWN_UNIT', `values in '${from}' cannot be converted`, value.span);
  const wanted = parseUnit(target.trim());
  if (!wanted) throw context.error('UNKNOWN_UNIT', `'${target.slice(0, 40)}' is not a unit`, span);
  const names = new Set([...source.powers.keys(), ...wanted.powers.keys()]);
  for (const name of names)
    if ((source.powers.get(name) ?? 0) !== (wanted.powers.get(name) ?? 0))
      throw context.error('UNKNOWN_UNIT', `'${from}' cannot be converted to '${target.trim().slice(0, 40)}'`, span);
  return source.factor / wanted.factor;
}

const TERM =
  /^(?:([A-Za-z%]+)(?:(?:\*\*|\^)?(?:([+-]?\d+(?:\.\d+)?)|\(([+-]?\d+(?:\.\d+)?)\)))?|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))/;

/** `nJy`, `arcsec**2`, `mas.yr-1`, `km/s`, `1e-3 deg`; undefined when it is none of these. Everything after a / divides. */
export function parseUnit(text: string): Unit | undefined {
  let rest = text.trim();
  if (rest === '' || rest.length > 100) return undefined;
  let factor = 1;
  const powers = new Map<string, number>();
  let sign = 1;
  for (let first = true; rest !== ''; first = false) {
    if (!first) {
      const joint = /^\s*([./*]|\s)\s*/.exec(rest);
      if (!joint) return undefined;
      if (joint[1] === '/') sign = -1;
      rest = rest.slice(joint[0].length);
    }
    const term = TERM.exec(rest);
    if (!term) return undefined;
    rest = rest.slice(term[0].length);
    const [, name, power, bracketed, number] = term;
    if (number !== undefined) {
      factor *= Number(number) ** sign;
      continue;
    }
    const unit = simpleUnit(name!);
    if (!unit) return undefined;
    const exponent = Number(power ?? bracketed ?? 1) * sign;
    factor *= unit[0] ** exponent;
    for (const [base, p] of unit.slice(1) as (readonly [string, number])[])
      powers.set(base, (powers.get(base) ?? 0) + p * exponent);
  }
  return Number.isFinite(factor) && factor > 0 ? { factor, powers } : undefined;
}

function simpleUnit(name: string): (typeof BASES)[string] | undefined {
  if (Object.hasOwn(BASES, name)) return BASES[name];
  for (const length of [2, 1]) {
    const prefix = name.slice(0, length);
    const base = name.slice(length);
    if (Object.hasOwn(PREFIXES, prefix) && Object.hasOwn(BASES, base) && !NO_PREFIX.has(base))
      return [BASES[base]![0] * PREFIXES[prefix]!, ...(BASES[base]!.slice(1) as (readonly [string, number])[])];
  }
  return undefined;
}
