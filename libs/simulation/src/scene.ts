// The light that falls on a detector in one visit: sources at their true places, in e-/s before the detector's response.

import type { Detector } from '#libs/instruments';
import type { CelestialWcs } from '#libs/sky';
import { abMagToNjy } from '#libs/image';
import { observerHeliocentric } from './earth.js';
import { apparentPlace } from './kepler.js';
import { asteroidFluxNjy, starFluxNjy, transientFluxNjy } from './light-curves.js';
import { addPointSource, noiseArea } from './moffat.js';
import { psfAt, trueWcs } from './optics.js';
import type { Galaxy, PlannedVisit, SourceKind, Star, SurveyPlan } from './plan-types.js';

const EPOCH_2016 = 57388.0;
const MAS = 1 / 3_600_000;
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

export interface SceneSource {
  readonly id: string;
  readonly kind: SourceKind;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly fluxNjy: number;
  readonly galaxy?: Galaxy;
}

/** Place of a star at an epoch: proper motion since 2016.0, no parallax. */
export function starPlace(star: Star, mjd: number): { raDeg: number; decDeg: number } {
  const years = (mjd - EPOCH_2016) / 365.25;
  const cosDec = Math.cos((star.decDeg * Math.PI) / 180);
  return {
    raDeg: (star.raDeg + (star.pmRa * years * MAS) / cosDec + 360) % 360,
    decDeg: star.decDeg + star.pmDec * years * MAS,
  };
}

/** Everything that shines at a time in a band; asteroids only when asked for, because they move between snaps. */
export function sourcesAt(
  plan: SurveyPlan,
  band: string,
  mjd: number,
  part: 'fixed' | 'moving' | 'all' = 'all',
): SceneSource[] {
  const sources: SceneSource[] = [];
  if (part !== 'moving') {
    for (const star of plan.stars)
      sources.push({
        id: star.id,
        kind: star.variability ? 'variable' : 'star',
        ...starPlace(star, mjd),
        fluxNjy: starFluxNjy(star, band, mjd),
      });
    for (const galaxy of plan.galaxies)
      sources.push({
        id: galaxy.id,
        kind: 'galaxy',
        raDeg: galaxy.raDeg,
        decDeg: galaxy.decDeg,
        fluxNjy: abMagToNjy(galaxy.mag[band]!),
        galaxy,
      });
    for (const transient of plan.transients) {
      const fluxNjy = transientFluxNjy(transient, band, mjd);
      if (fluxNjy > 0)
        sources.push({
          id: transient.id,
          kind: 'transient',
          raDeg: transient.raDeg,
          decDeg: transient.decDeg,
          fluxNjy,
        });
    }
  }
  if (part !== 'fixed') {
    const observer = observerHeliocentric(mjd, plan.camera.observatory);
    for (const asteroid of plan.asteroids) {
      const place = apparentPlace(asteroid.orbit, mjd, plan.camera.observatory, observer);
      sources.push({
        id: asteroid.id,
        kind: 'asteroid',
        raDeg: place.raDeg,
        decDeg: place.decDeg,
        fluxNjy: asteroidFluxNjy(asteroid, band, place),
      });
    }
  }
  return sources;
}

/** Draws sources into an image of e-/s. A pixel that would get less than `faintest` e- in the exposure is left out. */
export function drawSources(
  image: Float32Array,
  plan: SurveyPlan,
  visit: PlannedVisit,
  detector: Detector,
  sources: readonly SceneSource[],
  faintest = 0.15,
): void {
  const wcs = trueWcs(visit, detector);
  const { width, height } = detector;
  const threshold = faintest / visit.exposureTime;
  for (const source of sources) {
    const { x, y } = wcs.skyToPixel(source.raDeg, source.decDeg);
    if (!(x > -70 && x < width + 70 && y > -70 && y < height + 70)) continue;
    const psf = psfAt(visit, plan.camera, detector, x, y);
    const flux = source.fluxNjy * visit.electronsPerSecondPerNjy;
    if (source.galaxy) {
      const points = galaxyPoints(source.galaxy, detector.pixelScale);
      const each = flux / points.length;
      for (const { east, north } of points) {
        const place = offsetPixel(wcs, source, x, y, east, north);
        addPointSource(image, width, height, place.x, place.y, each, psf, threshold / 4);
      }
    } else addPointSource(image, width, height, x, y, flux, psf, threshold);
  }
}

/** A small offset on the sky [arcsec] as pixels, by the linear part of the projection at the source. */
function offsetPixel(
  wcs: CelestialWcs,
  source: SceneSource,
  x: number,
  y: number,
  east: number,
  north: number,
): { x: number; y: number } {
  const step = 1 / 3600;
  const cosDec = Math.cos((source.decDeg * Math.PI) / 180);
  const e = linear(wcs, source.raDeg + step / cosDec, source.decDeg, x, y);
  const n = linear(wcs, source.raDeg, source.decDeg + step, x, y);
  return { x: x + e.x * east + n.x * north, y: y + e.y * east + n.y * north };
}
const linear = (wcs: CelestialWcs, ra: number, dec: number, x: number, y: number): { x: number; y: number } => {
  const moved = wcs.skyToPixel(ra, dec);
  return { x: moved.x - x, y: moved.y - y };
};

/**
 * A galaxy as points of equal light on a golden-angle spiral, so that it is blurred by exactly the PSF of the stars.
 * Radii follow the enclosed light of an exponential disc or of a de Vaucouleurs bulge.
 */
export function galaxyPoints(galaxy: Galaxy, pixelScale: number): { east: number; north: number }[] {
  const size = galaxy.halfLightArcsec / pixelScale;
  const count = Math.round(Math.min(160, Math.max(16, 24 * size)));
  const angle = (galaxy.positionAngleDeg * Math.PI) / 180;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return Array.from({ length: count }, (_, i) => {
    const fraction = (i + 0.5) / count;
    const radius =
      galaxy.halfLightArcsec *
      (galaxy.profile === 'exponential' ? exponentialRadius(fraction) : deVaucouleursRadius(fraction));
    const along = radius * Math.cos(i * GOLDEN);
    const across = radius * galaxy.axisRatio * Math.sin(i * GOLDEN);
    return { east: along * sin + across * cos, north: along * cos - across * sin };
  });
}

/** Radius in units of the half-light radius that encloses a fraction of the light. */
export function exponentialRadius(fraction: number): number {
  return bisect((k) => 1 - (1 + k) * Math.exp(-k), fraction, 20) / 1.6783469900166605;
}
/** Gamma(8, b r^(1/4)) / Gamma(8) with b = 7.669, cut where 95 % of the light is inside. */
export function deVaucouleursRadius(fraction: number): number {
  const t = bisect(incompleteGamma8, 0.95 * fraction, 60);
  return (t / 7.66924944) ** 4;
}
function incompleteGamma8(t: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 8; k++) sum += term *= t / k;
  return 1 - Math.exp(-t) * sum;
}
function bisect(f: (x: number) => number, target: number, high: number): number {
  let low = 0;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (f(middle) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Background pixels under a point source, for estimates of S/N. */
export const effectiveArea = (
  plan: SurveyPlan,
  visit: PlannedVisit,
  detector: Detector,
  x: number,
  y: number,
): number => noiseArea(psfAt(visit, plan.camera, detector, x, y));
