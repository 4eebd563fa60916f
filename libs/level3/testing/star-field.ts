// Source tables of a small field with known truth: four stars in two bands over several visits, at RA 0 so that positions wrap.

import type { DataId } from '#libs/pipeline';
import { Table } from '#libs/table';

/** flux [nJy] per band in even visits; `swing` is the fraction by which odd visits are brighter */
const STARS = [
  { ra: 359.9999, dec: -60, g: 2000, r: 1000, swing: 0.2 },
  { ra: 0.01, dec: -60.001, g: 1000, r: 1000, swing: 0 },
  { ra: 0.02, dec: -59.99, g: 500, r: 1000, swing: 0.3 },
  { ra: 0.03, dec: -59.98, g: 4000, r: 1000, swing: 0 },
] as const;
export const FLUX_ERROR = 10;
export const BANDS = ['g', 'r'] as const;

export interface FieldVisit {
  readonly dataId: DataId & { readonly visit: string; readonly detector: number };
  readonly band: (typeof BANDS)[number];
  readonly sources: Table;
}

/** `visits` per band, one detector; visit numbers beyond 2^53. */
export function starField(visits: number): readonly FieldVisit[] {
  return BANDS.flatMap((band, b) =>
    Array.from({ length: visits }, (_, i): FieldVisit => ({
      dataId: { visit: String(9007199254740993n + BigInt(b * visits + i)), detector: 0 },
      band,
      sources: new Table([
        // a position moves by 0.07 arcsec from visit to visit, across RA 0 for the first star
        {
          name: 'ra',
          type: 'double',
          unit: 'deg',
          data: Float64Array.from(STARS, ({ ra }) => (ra + (i % 2) * 2e-4 * 0.1 + 360) % 360),
        },
        { name: 'dec', type: 'double', unit: 'deg', data: Float64Array.from(STARS, ({ dec }) => dec) },
        {
          name: 'psfFlux',
          type: 'double',
          unit: 'nJy',
          data: Float64Array.from(STARS, (star) => star[band] * (1 + (i % 2) * star.swing)),
        },
        { name: 'psfFluxErr', type: 'double', unit: 'nJy', data: new Float64Array(STARS.length).fill(FLUX_ERROR) },
      ]),
    })),
  );
}
