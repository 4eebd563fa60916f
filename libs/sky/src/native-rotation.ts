/** The rotation between native and celestial coordinates of a projection (Paper II, section 2.4 and equations 8 to 10). */
import { DEG } from './angles.js';
import { SkyError } from './errors.js';
import { multiply3 } from './matrix3.js';

/** Where the celestial system stands on the native sphere [deg]. */
export interface NativeOrientation {
  readonly crvalRaDeg: number;
  readonly crvalDecDeg: number;
  readonly lonPoleDeg?: number;
  readonly latPoleDeg?: number;
}

/** Rotation from native to celestial unit vectors (row-major); `phi0`, `theta0`: native coordinates of CRVAL [deg]. */
export function nativeToCelestial(orientation: NativeOrientation, phi0: number, theta0: number): Float64Array {
  const phiP = orientation.lonPoleDeg ?? phi0 + (orientation.crvalDecDeg >= theta0 ? 0 : 180);
  const { alphaP, deltaP } = celestialPole(orientation, phi0, theta0, phiP);
  const [sinA, cosA] = sinCosDeg(alphaP);
  const [sinD, cosD] = sinCosDeg(deltaP);
  const [sinP, cosP] = sinCosDeg(phiP);
  // rotate by -phiP about the native pole, tilt, rotate by alphaP about the celestial pole
  const tilt = [-sinD, 0, cosD, 0, -1, 0, cosD, 0, sinD];
  const spin = [cosP, sinP, 0, -sinP, cosP, 0, 0, 0, 1];
  const turn = [cosA, -sinA, 0, sinA, cosA, 0, 0, 0, 1];
  return multiply3(turn, multiply3(tilt, spin));
}

/** Celestial coordinates of the native pole [deg], Paper II equations 8 to 10. */
function celestialPole(
  { crvalRaDeg, crvalDecDeg, latPoleDeg = 90 }: NativeOrientation,
  phi0: number,
  theta0: number,
  phiP: number,
): { alphaP: number; deltaP: number } {
  if (theta0 === 90) return { alphaP: crvalRaDeg, deltaP: crvalDecDeg };
  const [sinD0, cosD0] = sinCosDeg(crvalDecDeg);
  const [sinT0, cosT0] = sinCosDeg(theta0);
  const [sinDp, cosDp] = sinCosDeg(phiP - phi0);
  const norm = Math.hypot(sinT0, cosT0 * cosDp);
  let deltaP: number;
  if (norm < 1e-15) {
    // the fiducial point is on the native equator, a quarter turn from the pole: LATPOLE decides
    if (Math.abs(sinD0) > 1e-14)
      throw new SkyError('INVALID_WCS', `LONPOLE ${phiP} is impossible for CRVAL latitude ${crvalDecDeg}`, phiP);
    deltaP = latPoleDeg;
  } else {
    const ratio = sinD0 / norm;
    if (Math.abs(ratio) > 1 + 1e-12)
      throw new SkyError('INVALID_WCS', `LONPOLE ${phiP} is impossible for CRVAL latitude ${crvalDecDeg}`, phiP);
    const base = Math.atan2(sinT0, cosT0 * cosDp) / DEG;
    const spread = Math.acos(Math.max(-1, Math.min(1, ratio))) / DEG;
    const candidates = [base + spread, base - spread]
      .map((value) => (value > 180 ? value - 360 : value < -180 ? value + 360 : value))
      .map((value) => (Math.abs(value) <= 90 + 1e-12 ? Math.max(-90, Math.min(90, value)) : NaN))
      .filter((value) => !Number.isNaN(value));
    if (candidates.length === 0)
      throw new SkyError('INVALID_WCS', `no celestial pole fits LONPOLE ${phiP} and latitude ${crvalDecDeg}`, phiP);
    deltaP = candidates.reduce((best, value) =>
      Math.abs(value - latPoleDeg) < Math.abs(best - latPoleDeg) - 1e-12 ? value : best,
    );
  }
  if (Math.abs(cosD0) < 1e-14) return { alphaP: crvalRaDeg, deltaP };
  if (deltaP >= 90 - 1e-13) return { alphaP: crvalRaDeg + phiP - phi0 - 180, deltaP: 90 };
  if (deltaP <= -90 + 1e-13) return { alphaP: crvalRaDeg - phiP + phi0, deltaP: -90 };
  const [sinDeltaP, cosDeltaP] = sinCosDeg(deltaP);
  const offset = Math.atan2((sinDp * cosT0) / cosD0, (sinT0 - sinDeltaP * sinD0) / (cosDeltaP * cosD0));
  return { alphaP: crvalRaDeg - offset / DEG, deltaP };
}

/** sine and cosine, exact at multiples of 90 degrees */
export function sinCosDeg(angle: number): [number, number] {
  const quarter = angle / 90;
  if (Number.isInteger(quarter)) {
    const k = ((quarter % 4) + 4) % 4;
    return [[0, 1, 0, -1][k]!, [1, 0, -1, 0][k]!];
  }
  return [Math.sin(angle * DEG), Math.cos(angle * DEG)];
}
