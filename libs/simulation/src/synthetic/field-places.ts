// Places in a field and what a visit sees there.

import { DEG } from '#libs/sky';
import type { Random } from '../random.js';
import { DETECTOR_GRID, FIELD_RADIUS_DEG, type SyntheticField } from './plan.js';

export interface Place {
  /** ICRS [deg], rounded to 1e-8 so that text and number agree */
  readonly ra: number;
  readonly dec: number;
  /** offsets from the centre of the field on the tangent plane, in field radii */
  readonly u: number;
  readonly v: number;
}

const round8 = (value: number): number => Math.round(value * 1e8) / 1e8;

/** A place drawn evenly over the field's circle. */
export function somewhereIn(field: SyntheticField, random: Random): Place {
  const r = Math.sqrt(random.uniform());
  const angle = random.uniform(0, 2 * Math.PI);
  return offsetFrom(field.raDeg, field.decDeg, r * Math.cos(angle), r * Math.sin(angle));
}

/** u east, v north, in field radii; gnomonic about the given place. Total at the poles. */
export function offsetFrom(raDeg: number, decDeg: number, u: number, v: number): Place {
  const [x, y] = [Math.tan(u * FIELD_RADIUS_DEG * DEG), Math.tan(v * FIELD_RADIUS_DEG * DEG)];
  const [sin, cos] = [Math.sin(decDeg * DEG), Math.cos(decDeg * DEG)];
  const ra = raDeg + Math.atan2(x, cos - y * sin) / DEG;
  const dec = Math.atan2(sin + y * cos, Math.hypot(x, cos - y * sin)) / DEG;
  return { ra: round8(ra < 0 ? ra + 360 : ra) % 360, dec: round8(dec), u, v };
}

/** The detector a place falls on, and its pixel there. */
export function onDetector({ u, v }: Place): { detector: number; x: number; y: number } {
  const at = (offset: number): number => ((offset + 1) / 2) * DETECTOR_GRID;
  const cell = (position: number): number => Math.min(DETECTOR_GRID - 1, Math.max(0, Math.floor(position)));
  const [column, row] = [cell(at(u)), cell(at(v))];
  const pixel = (position: number, index: number): number => Number(((position - index) * 4000).toFixed(2));
  return { detector: row * DETECTOR_GRID + column, x: pixel(at(u), column), y: pixel(at(v), row) };
}

const AB_ZERO_POINT = 31.4;
/** AB magnitude to nJy. */
export const fluxOf = (magnitude: number): number => 10 ** (0.4 * (AB_ZERO_POINT - magnitude));
/** One-sigma flux error of a point source [nJy]: sky from the five-sigma depth, photons, 0.5 % calibration. */
export function fluxErrorOf(flux: number, depth: number): number {
  const sky = fluxOf(depth) / 5;
  return Math.sqrt(sky * sky + 8 * Math.abs(flux) + (0.005 * flux) ** 2);
}

/** A magnitude from counts that grow by 0.3 dex per magnitude up to the limit. */
export const magnitudeUpTo = (limit: number, random: Random): number =>
  Math.max(14, limit + Math.log10(1 - random.uniform()) / 0.3);

/** Numbers the rows of each exposure from 0. */
export class RunningNumbers {
  readonly #next = new Map<bigint, number>();
  take(visit: bigint, detector: number): number {
    const key = (visit << 8n) | BigInt(detector);
    const n = this.#next.get(key) ?? 0;
    this.#next.set(key, n + 1);
    return n;
  }
}
