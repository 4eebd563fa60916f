// The simulated sky: stars with proper motion and variables among them, galaxies, transients (most in a host), asteroids.
// Positions are drawn on the camera's footprint so that every seed fills the field; magnitudes are AB.

import type { Camera } from '#libs/instruments';
import { angularSeparationDeg, cdMatrix, type CelestialWcs, makeTanWcs } from '#libs/sky';
import { circularSpeed, elementsFromState, lightTimeDays } from './kepler.js';
import { observerHeliocentric, type Vector } from './earth.js';
import type { Asteroid, Galaxy, Star, Transient } from './plan-types.js';
import { Random } from './random.js';

const BANDS = ['u', 'g', 'r', 'i', 'z', 'y'] as const;
const ARCSEC = 1 / 3600;

export interface FieldFrame {
  /** camera axes of the planned pointing; (0, 0) is the optical axis */
  readonly wcs: CelestialWcs;
  readonly camera: Camera;
  readonly pixelScale: number;
}

export function fieldFrame(camera: Camera, field: { raDeg: number; decDeg: number }): FieldFrame {
  const pixelScale = camera.detectors[0]!.pixelScale;
  const wcs = makeTanWcs({
    crpix: { x: 0, y: 0 },
    crvalRaDeg: field.raDeg,
    crvalDecDeg: field.decDeg,
    cd: cdMatrix(pixelScale, 0),
  });
  return { wcs, camera, pixelScale };
}

/** A place anywhere on the field and `margin` pixels around it. */
function somewhere(frame: FieldFrame, random: Random, margin: number): { raDeg: number; decDeg: number } {
  const x = frame.camera.detectors.map(({ focalPlane, width }) => [focalPlane.x - width / 2, focalPlane.x + width / 2]);
  const y = frame.camera.detectors.map(({ focalPlane, height }) => [
    focalPlane.y - height / 2,
    focalPlane.y + height / 2,
  ]);
  const u = random.uniform(
    Math.min(...x.map(([low]) => low!)) - margin,
    Math.max(...x.map(([, high]) => high!)) + margin,
  );
  const v = random.uniform(
    Math.min(...y.map(([low]) => low!)) - margin,
    Math.max(...y.map(([, high]) => high!)) + margin,
  );
  return frame.wcs.pixelToSky(u, v);
}

/** A place on a detector, at least `margin` pixels from its edges. */
function onDetector(frame: FieldFrame, random: Random, margin: number): { raDeg: number; decDeg: number } {
  const detector = frame.camera.detectors[random.integer(frame.camera.detectors.length)]!;
  const u = detector.focalPlane.x + random.uniform(margin - detector.width / 2, detector.width / 2 - margin);
  const v = detector.focalPlane.y + random.uniform(margin - detector.height / 2, detector.height / 2 - margin);
  return frame.wcs.pixelToSky(u, v);
}

/** Magnitudes of a star of colour g - r = `gr` along a straight stellar locus. */
function stellarMagnitudes(r: number, gr: number): Record<string, number> {
  const ri = 0.05 + 0.45 * gr;
  const iz = 0.02 + 0.25 * gr;
  const values = [r + gr + 0.6 + 1.3 * gr, r + gr, r, r - ri, r - ri - iz, r - ri - iz - 0.1 * gr];
  return Object.fromEntries(BANDS.map((band, i) => [band, values[i]!]));
}

/** Counts rise as 10^(0.2 m) from 14.5 to 24. */
export function drawStars(frame: FieldFrame, count: number, seed: number): Star[] {
  const random = new Random(seed, 'stars');
  const [low, high] = [10 ** (0.2 * 14.5), 10 ** (0.2 * 24)];
  return Array.from({ length: count }, (_, i): Star => {
    const place = somewhere(frame, random, 60);
    const r = Math.log10(random.uniform(low, high)) / 0.2;
    const gr = Math.min(1.5, Math.max(0.1, 0.35 + 0.06 * (r - 15) + 0.3 * random.normal()));
    // halo and disc stars: the fainter, the farther, the slower
    const motion = 20 * 10 ** (-0.08 * (r - 15));
    return {
      id: `star-${i + 1}`,
      ...place,
      pmRa: motion * random.normal(),
      pmDec: motion * random.normal(),
      mag: stellarMagnitudes(r, gr),
    };
  });
}

export function drawGalaxies(frame: FieldFrame, count: number, seed: number): Galaxy[] {
  const random = new Random(seed, 'galaxies');
  const [low, high] = [10 ** (0.3 * 18), 10 ** (0.3 * 23.5)];
  return Array.from({ length: count }, (_, i): Galaxy => {
    const place = somewhere(frame, random, 40);
    const r = Math.log10(random.uniform(low, high)) / 0.3;
    const gr = Math.min(1.4, Math.max(0.2, 0.7 + 0.25 * random.normal()));
    return {
      id: `galaxy-${i + 1}`,
      ...place,
      mag: stellarMagnitudes(r, gr),
      profile: random.uniform() < 0.7 ? 'exponential' : 'deVaucouleurs',
      halfLightArcsec: Math.min(3, 10 ** (-0.25 - 0.1 * (r - 20) + 0.12 * random.normal())),
      axisRatio: random.uniform(0.35, 1),
      positionAngleDeg: random.uniform(0, 180),
    };
  });
}

const separated = (
  place: { raDeg: number; decDeg: number },
  others: readonly { raDeg: number; decDeg: number }[],
  arcsec: number,
): boolean =>
  others.every((other) => angularSeparationDeg(place.raDeg, place.decDeg, other.raDeg, other.decDeg) > arcsec * ARCSEC);

/** Variables and transients, apart from each other by 9 arcsec and from stars that saturate by 15. */
export function drawChanging(
  frame: FieldFrame,
  counts: { readonly variables: number; readonly transients: number },
  stars: readonly Star[],
  galaxies: readonly Galaxy[],
  epochs: { readonly template: number; readonly firstScience: number },
  seed: number,
): { variables: Star[]; transients: Transient[] } {
  const random = new Random(seed, 'changing');
  const bright = stars.filter((star) => Math.min(star.mag['r']!, star.mag['g']!, star.mag['i']!) < 16);
  const taken: { raDeg: number; decDeg: number }[] = [];
  const margin = Math.min(40, frame.camera.detectors[0]!.width / 10);
  const place = (propose: () => { raDeg: number; decDeg: number }): { raDeg: number; decDeg: number } => {
    for (let attempt = 0; ; attempt++) {
      const candidate = propose();
      if (attempt === 200 || (separated(candidate, taken, 9) && separated(candidate, bright, 15))) {
        taken.push(candidate);
        return candidate;
      }
    }
  };
  const variables = Array.from({ length: counts.variables }, (_, i): Star => {
    const rrLyrae = i % 3 === 0;
    return {
      id: `variable-${i + 1}`,
      ...place(() => onDetector(frame, random, margin)),
      pmRa: 3 * random.normal(),
      pmDec: 3 * random.normal(),
      mag: stellarMagnitudes(random.uniform(17, 20.5), rrLyrae ? random.uniform(0.1, 0.35) : random.uniform(0.3, 1.2)),
      variability: {
        type: rrLyrae ? 'rrlyrae' : 'sinusoid',
        periodDays: rrLyrae ? random.uniform(0.35, 0.75) : 10 ** random.uniform(-0.3, 1.2),
        amplitude: rrLyrae ? random.uniform(0.6, 1.2) : random.uniform(0.3, 0.9),
        phase: random.uniform(),
      },
    };
  });
  const hosts = galaxies.filter((galaxy) => galaxy.mag['r']! > 18.5);
  const transients = Array.from({ length: counts.transients }, (_, i): Transient => {
    let host: Galaxy | undefined;
    const where = place(() => {
      host = random.uniform() < 0.75 && hosts.length > 0 ? hosts[random.integer(hosts.length)] : undefined;
      const candidate = onDetector(frame, random, margin);
      if (!host) return candidate;
      const radius = host.halfLightArcsec * random.uniform(0.2, 1.8) * ARCSEC;
      const angle = random.uniform(0, 2 * Math.PI);
      const near = {
        raDeg: host.raDeg + (radius * Math.cos(angle)) / Math.cos((host.decDeg * Math.PI) / 180),
        decDeg: host.decDeg + radius * Math.sin(angle),
      };
      if (insideDetector(frame, near, margin)) return near;
      host = undefined;
      return candidate;
    });
    const riseDays = random.uniform(6, 18);
    return {
      id: `transient-${i + 1}`,
      raDeg: (where.raDeg + 360) % 360,
      decDeg: where.decDeg,
      host: host?.id ?? null,
      explosionMjd: random.uniform(
        Math.max(epochs.template + 0.5, epochs.firstScience - 1.8 * riseDays),
        epochs.firstScience - 0.4 * riseDays,
      ),
      riseDays,
      fallDays: random.uniform(10, 40),
      peakMag: stellarMagnitudes(random.uniform(18.5, 22), random.uniform(-0.2, 0.6)),
    };
  });
  return { variables, transients };
}

function insideDetector(frame: FieldFrame, place: { raDeg: number; decDeg: number }, margin: number): boolean {
  const { x, y } = frame.wcs.skyToPixel(place.raDeg, place.decDeg);
  return frame.camera.detectors.some(
    ({ focalPlane, width, height }) =>
      Math.abs(x - focalPlane.x) < width / 2 - margin && Math.abs(y - focalPlane.y) < height / 2 - margin,
  );
}

/**
 * Asteroids that are on a detector at one of the given times: an orbit through a point of the line of sight with a speed near
 * the circular one, tilted at random. Most are of the main belt; every sixth is a distant, slow one.
 */
export function drawAsteroids(frame: FieldFrame, count: number, times: readonly number[], seed: number): Asteroid[] {
  const random = new Random(seed, 'asteroids');
  const observers = times.map((time) => observerHeliocentric(time, frame.camera.observatory));
  return Array.from({ length: count }, (_, i): Asteroid => {
    const time = times[i % times.length]!;
    const distant = i % 6 === 5;
    const where = onDetector(frame, random, Math.min(110, frame.camera.detectors[0]!.width / 5));
    const observer = observers[i % times.length]!;
    const delta = distant ? random.uniform(12, 30) : random.uniform(1.1, 2.4);
    const cosDec = Math.cos((where.decDeg * Math.PI) / 180);
    const sight: Vector = [
      cosDec * Math.cos((where.raDeg * Math.PI) / 180),
      cosDec * Math.sin((where.raDeg * Math.PI) / 180),
      Math.sin((where.decDeg * Math.PI) / 180),
    ];
    const position = sight.map((s, k) => observer[k]! + delta * s) as unknown as Vector;
    const r = Math.hypot(...position);
    // eastwards along the ecliptic, perpendicular to the radius, tilted by a few degrees
    const pole: Vector = [0, -0.3977771559, 0.9174820621];
    const east: Vector = [
      pole[1] * position[2] - pole[2] * position[1],
      pole[2] * position[0] - pole[0] * position[2],
      pole[0] * position[1] - pole[1] * position[0],
    ];
    const length = Math.hypot(...east);
    const north: Vector = [
      (position[1] * east[2] - position[2] * east[1]) / (r * length),
      (position[2] * east[0] - position[0] * east[2]) / (r * length),
      (position[0] * east[1] - position[1] * east[0]) / (r * length),
    ];
    const speed = circularSpeed(r) * random.uniform(0.94, 1.05);
    const tilt = 0.12 * random.normal();
    const radial = 0.05 * random.normal();
    const velocity = [0, 1, 2].map(
      (k) => speed * ((Math.cos(tilt) * east[k]!) / length + Math.sin(tilt) * north[k]! + (radial * position[k]!) / r),
    ) as unknown as Vector;
    const light = lightTimeDays(delta);
    const gr = random.uniform(0.45, 0.65);
    const mag = random.uniform(18.8, 21.6);
    return {
      id: `asteroid-${i + 1}`,
      orbit: elementsFromState(position, velocity, time + 32.184 / 86400 - light),
      h: mag - 5 * Math.log10(r * delta),
      g: 0.15,
      // V is about g - 0.6 (g - r) for stars of solar colour
      colour: {
        u: 0.6 * gr + 1.4,
        g: 0.6 * gr,
        r: -0.4 * gr,
        i: -0.4 * gr - 0.15,
        z: -0.4 * gr - 0.2,
        y: -0.4 * gr - 0.2,
      },
      known: i % 3 !== 1,
    };
  });
}
