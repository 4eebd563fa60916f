// The cells that serialise writers of the same piece of sky: HEALPix, nested, order 10 (3.4 arcmin).

import { coneRanges, healpixIndex } from '#libs/sky';
import { CatalogError } from './catalog-error.js';
import type { SkyCircle } from '#libs/schema';

export const SKY_CELL_ORDER = 10;
/** degrees to metres on the sphere PostGIS uses with use_spheroid = false */
export const METRES_PER_DEGREE = (6371008.7714 * Math.PI) / 180;
const MAX_RADIUS_DEG = 10;

export const skyCellOf = (raDeg: number, decDeg: number): number => Number(healpixIndex(SKY_CELL_ORDER, raDeg, decDeg));

/** Every cell the circle touches (some more along its border), ascending. */
export function skyCellsOf(region: SkyCircle): number[] {
  checkRegion(region, MAX_RADIUS_DEG);
  const cells: number[] = [];
  for (const { low, high } of coneRanges(SKY_CELL_ORDER, region.raDeg, region.decDeg, region.radiusDeg))
    for (let cell = Number(low); cell < Number(high); cell++) cells.push(cell);
  return cells.sort((a, b) => a - b);
}

export function checkRegion({ raDeg, decDeg, radiusDeg }: SkyCircle, maximumDeg = 180): void {
  if (!(raDeg >= 0 && raDeg < 360))
    throw new CatalogError('BAD_REGION', `a right ascension is 0 to 360 degrees, not ${raDeg}`, raDeg);
  if (!(decDeg >= -90 && decDeg <= 90))
    throw new CatalogError('BAD_REGION', `a declination is -90 to 90 degrees, not ${decDeg}`, decDeg);
  if (!(radiusDeg > 0 && radiusDeg <= maximumDeg))
    throw new CatalogError(
      'BAD_REGION',
      `a radius is above 0 and up to ${maximumDeg} degrees, not ${radiusDeg}`,
      radiusDeg,
    );
}
