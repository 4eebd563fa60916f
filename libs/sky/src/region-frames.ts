/** The celestial frames that regions are given in, and their rotations to ICRS. */
import { DEG, directionOf, unitVector, type Vec3 } from './angles.js';
import { ECLIPTIC_TO_ICRS, GALACTIC_TO_ICRS } from './celestial-frames.js';
import { SkyError } from './errors.js';
import { apply3 } from './matrix3.js';
import type { SkyPosition } from './wcs-types.js';

/** FK5 is that of J2000. FK4 is no rotation of ICRS and refused. */
export type RegionFrame = 'ICRS' | 'FK5' | 'GALACTIC' | 'ECLIPTIC';
/** row-major */
export type Rotation = ArrayLike<number>;

const MAS = DEG / 3_600_000;

/** Frame bias of FK5 J2000 (Feissel & Mignard 1998, A&A 331, L33: eta0 -19.9, xi0 9.1, dalpha0 -22.9 mas), to first order. */
const FK5_TO_ICRS: Rotation = [1, 22.9 * MAS, 9.1 * MAS, -22.9 * MAS, 1, -19.9 * MAS, -9.1 * MAS, 19.9 * MAS, 1];

const TO_ICRS: Readonly<Record<RegionFrame, Rotation | undefined>> = {
  ICRS: undefined,
  FK5: FK5_TO_ICRS,
  GALACTIC: GALACTIC_TO_ICRS,
  ECLIPTIC: ECLIPTIC_TO_ICRS,
};

/** The rotation from a frame to ICRS; none for ICRS itself. */
export function rotationToIcrs(frame: RegionFrame): Rotation | undefined {
  if (!(frame in TO_ICRS))
    throw new SkyError('BAD_REGION', `the celestial frame ${String(frame)} is not supported`, frame);
  return TO_ICRS[frame];
}

export const rotate = (m: Rotation | undefined, v: Vec3): Vec3 => (m ? apply3(m, v) : v);

export function toIcrs(frame: RegionFrame, longitudeDeg: number, latitudeDeg: number): SkyPosition {
  const rotation = rotationToIcrs(frame);
  if (!rotation) return { raDeg: longitudeDeg, decDeg: latitudeDeg };
  return directionOf(...rotate(rotation, unitVector(longitudeDeg, latitudeDeg)));
}
