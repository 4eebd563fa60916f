/** Boxes in right ascension and declination that hold a region: what a catalogue without a sky index is searched by. */
import { DEG, directionOf, normalizeRaDeg, wrapDeg180 } from './angles.js';
import type { Cap } from './caps.js';
import type { SkyRegion } from './regions.js';
import { SphericalPolygon } from './spherical-polygon.js';

/** [raMinDeg, raMaxDeg] in [0, 360], across RA 0 where raMinDeg > raMaxDeg, 0 to 360 where all right ascensions occur. */
export interface SkyBox {
  readonly raMinDeg: number;
  readonly raMaxDeg: number;
  readonly decMinDeg: number;
  readonly decMaxDeg: number;
}

/** Tight for circles, polygons and ICRS ranges; for all else the box of the bounding circle. */
export function boxOf(region: SkyRegion, bound: Cap): SkyBox {
  switch (region.kind) {
    case 'polygon':
      return polygonBox(new SphericalPolygon(region.corners));
    case 'range':
      if (region.frame !== undefined && region.frame !== 'ICRS') return capBox(bound);
      return {
        ...raInterval(region.lonMinDeg, region.lonMaxDeg),
        decMinDeg: region.latMinDeg,
        decMaxDeg: region.latMaxDeg,
      };
    default:
      return capBox(bound);
  }
}

function raInterval(fromDeg: number, toDeg: number): Pick<SkyBox, 'raMinDeg' | 'raMaxDeg'> {
  if (toDeg - fromDeg >= 360) return { raMinDeg: 0, raMaxDeg: 360 };
  return { raMinDeg: normalizeRaDeg(fromDeg), raMaxDeg: normalizeRaDeg(toDeg) };
}

function capBox({ centre, radius }: Cap): SkyBox {
  const { raDeg, decDeg } = directionOf(...centre);
  const radiusDeg = radius / DEG;
  const decMinDeg = decDeg - radiusDeg;
  const decMaxDeg = decDeg + radiusDeg;
  if (decMinDeg <= -90 || decMaxDeg >= 90)
    return { raMinDeg: 0, raMaxDeg: 360, decMinDeg: Math.max(-90, decMinDeg), decMaxDeg: Math.min(90, decMaxDeg) };
  const half = Math.asin(Math.min(1, Math.sin(radius) / Math.cos(decDeg * DEG))) / DEG;
  return { ...raInterval(raDeg - half, raDeg + half), decMinDeg, decMaxDeg };
}

function polygonBox(polygon: SphericalPolygon): SkyBox {
  const [decMinDeg, decMaxDeg] = polygon.declinations();
  const { corners } = polygon;
  const start = corners[0]!.raDeg;
  let [at, least, largest] = [start, start, start];
  let throughPole = decMinDeg <= -90 || decMaxDeg >= 90;
  corners.forEach(({ raDeg, decDeg }, i) => {
    const next = corners[(i + 1) % corners.length]!;
    const step = wrapDeg180(next.raDeg - raDeg);
    // an edge along half a turn passes a pole; a corner on one has no right ascension
    if (Math.abs(step) >= 180 - 1e-9 || Math.abs(decDeg) === 90) throughPole = true;
    at += step;
    least = Math.min(least, at);
    largest = Math.max(largest, at);
  });
  if (throughPole || largest - least >= 360) return { raMinDeg: 0, raMaxDeg: 360, decMinDeg, decMaxDeg };
  return { ...raInterval(least, largest), decMinDeg, decMaxDeg };
}
