/**
 * Reference positions at another epoch: linear motion along the tangent plane of the catalog position (the neglected perspective
 * terms stay below 1 mas in 50 years for all but a handful of stars). Missing motions count as zero.
 */
import { fromTangentOffsetDeg } from '#libs/sky';
import type { Table } from '#libs/table';

const MAS_PER_DEG = 3.6e6;
const DAYS_PER_YEAR = 365.25;

export interface PositionsAtEpoch {
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
}

/**
 * Columns: ra, dec [deg], pmRa (with cos dec), pmDec [mas/yr], epoch [MJD]. `mjd` and epoch in the same scale (a minute does not matter).
 */
export function positionsAtEpoch(catalog: Table, mjd: number): PositionsAtEpoch {
  const ra = catalog.column('ra').data as Float64Array;
  const dec = catalog.column('dec').data as Float64Array;
  const raDeg = Float64Array.from(ra);
  const decDeg = Float64Array.from(dec);
  if (!catalog.has('pmRa') || !catalog.has('pmDec') || !catalog.has('epoch')) return { raDeg, decDeg };
  const optional = (name: string): ((i: number) => number) => {
    const { data, nulls } = catalog.column(name);
    return (i) => (nulls?.[i] ? NaN : (data as Float64Array)[i]!);
  };
  const [pmRa, pmDec, epoch] = [optional('pmRa'), optional('pmDec'), optional('epoch')];
  for (let i = 0; i < raDeg.length; i++) {
    const years = (mjd - epoch(i)) / DAYS_PER_YEAR;
    const xi = (pmRa(i) * years) / MAS_PER_DEG;
    const eta = (pmDec(i) * years) / MAS_PER_DEG;
    if (!Number.isFinite(xi) || !Number.isFinite(eta) || (xi === 0 && eta === 0)) continue;
    const moved = fromTangentOffsetDeg(xi, eta, raDeg[i]!, decDeg[i]!);
    raDeg[i] = moved.raDeg;
    decDeg[i] = moved.decDeg;
  }
  return { raDeg, decDeg };
}
