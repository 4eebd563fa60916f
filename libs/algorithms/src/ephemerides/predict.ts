// Which known Solar System objects stand in a field at one instant.

import { angularSeparationDeg, type ObserverSite, type SkyPosition, unitVector, type Ut1Table } from '#libs/sky';
import { type AstrometricPlace, astrometricPlace, hgMagnitude, observingInstant } from './ephemeris.js';
import { type CometaryElements, heliocentricState } from './two-body.js';

export interface KnownOrbit extends CometaryElements {
  readonly ssObjectId: bigint;
  readonly designation: string;
  /** absolute magnitude and slope; NaN when unknown */
  readonly h: number;
  readonly g: number;
}

export interface PredictedObject extends AstrometricPlace {
  readonly orbit: KnownOrbit;
  readonly vMag: number;
}

/** light time moves an object by at most v/c: 60 arcsec for 90 km/s */
const MARGIN_DEG = 0.02;

/**
 * Objects within `radiusDeg` of `centre` at `mjdTai`, in the order of the orbits. Two-body motion: give elements osculating within
 * some weeks of the date. About 3 us per orbit.
 */
export function predictSsObjects(
  orbits: Iterable<KnownOrbit>,
  mjdTai: number,
  site: ObserverSite,
  centre: SkyPosition,
  radiusDeg: number,
  ut1?: Ut1Table,
): PredictedObject[] {
  const instant = observingInstant(mjdTai, site, ut1);
  const { observer, sun, mjdTdb } = instant;
  const axis = unitVector(centre.raDeg, centre.decDeg);
  const limit = Math.cos((Math.min(180, radiusDeg + MARGIN_DEG) * Math.PI) / 180);
  const found: PredictedObject[] = [];
  for (const orbit of orbits) {
    const { position } = heliocentricState(orbit, mjdTdb);
    const x = position[0] + sun.position[0] - observer.position[0];
    const y = position[1] + sun.position[1] - observer.position[1];
    const z = position[2] + sun.position[2] - observer.position[2];
    if (x * axis[0] + y * axis[1] + z * axis[2] < limit * Math.sqrt(x * x + y * y + z * z)) continue;
    const place = astrometricPlace((mjd) => heliocentricState(orbit, mjd), instant);
    if (angularSeparationDeg(centre.raDeg, centre.decDeg, place.raDeg, place.decDeg) > radiusDeg) continue;
    found.push({ ...place, orbit, vMag: hgMagnitude(orbit.h, orbit.g, place) });
  }
  return found;
}
