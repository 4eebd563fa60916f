// The true geometry of one visit: tangent projection at the true pointing with a small radial distortion about the optical axis.

import type { Camera, Detector } from '#libs/instruments';
import { cdMatrix, type CelestialWcs, makeTanSipWcs, makeTanWcs, SipMap, sipPolynomial } from '#libs/sky';
import { makeMoffat, type Moffat } from './moffat.js';
import type { PlannedVisit } from './plan-types.js';

/** radial cubic: 1.5 px outwards at 1000 px from the axis [px^-2] */
const DISTORTION = 1.5e-9;

/** Position of the optical axis in a detector's pixels. */
export const opticalAxis = (detector: Detector): { x: number; y: number } => ({
  x: (detector.width - 1) / 2 - detector.focalPlane.x,
  y: (detector.height - 1) / 2 - detector.focalPlane.y,
});

export function trueWcs(visit: PlannedVisit, detector: Detector): CelestialWcs {
  const cubic: (readonly [number, number, number])[] = [
    [3, 0, DISTORTION],
    [1, 2, DISTORTION],
  ];
  return makeTanSipWcs({
    crpix: opticalAxis(detector),
    crvalRaDeg: visit.trueRaDeg,
    crvalDecDeg: visit.trueDecDeg,
    cd: cdMatrix(detector.pixelScale, visit.trueRotationDeg),
    sip: new SipMap(
      sipPolynomial(3, cubic),
      sipPolynomial(
        3,
        cubic.map(([p, q, value]) => [q, p, value] as const),
      ),
    ),
  });
}

/** What the telescope believes: the commanded pointing, no distortion. */
export function nominalWcs(visit: PlannedVisit, detector: Detector): CelestialWcs {
  return makeTanWcs({
    crpix: opticalAxis(detector),
    crvalRaDeg: visit.telescopeRaDeg,
    crvalDecDeg: visit.telescopeDecDeg,
    cd: cdMatrix(detector.pixelScale, visit.telescopeRotationDeg),
  });
}

const radii = new WeakMap<Camera, number>();

/** Half the diagonal of the camera [px]. */
export function fieldRadius(camera: Camera): number {
  const known = radii.get(camera);
  if (known !== undefined) return known;
  const radius = Math.max(
    ...camera.detectors.map((detector) =>
      Math.hypot(
        Math.abs(detector.focalPlane.x) + detector.width / 2,
        Math.abs(detector.focalPlane.y) + detector.height / 2,
      ),
    ),
  );
  radii.set(camera, radius);
  return radius;
}

/** The PSF at a pixel: the width grows by 4 % to the corner, the ellipticity by 0.03 radially. */
export function psfAt(visit: PlannedVisit, camera: Camera, detector: Detector, x: number, y: number): Moffat {
  const axis = opticalAxis(detector);
  const radius = fieldRadius(camera);
  const u = (x - axis.x) / radius;
  const v = (y - axis.y) / radius;
  return makeMoffat(
    (visit.seeingArcsec / detector.pixelScale) * (1 + 0.04 * (u * u + v * v)),
    visit.ellipticity1 + 0.03 * (u * u - v * v),
    visit.ellipticity2 + 0.06 * u * v,
  );
}

/** Response to light relative to the centre of the field, as a function of the pixel: vignetting. */
export function vignetting(camera: Camera, detector: Detector): (x: number, y: number) => number {
  const axis = opticalAxis(detector);
  const strength = 0.1 / fieldRadius(camera) ** 2;
  return (x, y) => 1 - strength * ((x - axis.x) ** 2 + (y - axis.y) ** 2);
}
