// Brightness of sources in time.

import { abMagToNjy } from '#libs/image';
import type { Asteroid, Star, Transient } from './plan-types.js';
import { apparentMagnitude, type ApparentPlace } from './kepler.js';

/** Amplitude by band relative to the bluest: pulsating stars vary most in the blue. */
const AMPLITUDE: Readonly<Record<string, number>> = { u: 1.05, g: 1, r: 0.75, i: 0.6, z: 0.55, y: 0.5 };

export function starFluxNjy(star: Star, band: string, mjd: number): number {
  let mag = star.mag[band]!;
  const variability = star.variability;
  if (variability) {
    const phase = (((mjd / variability.periodDays + variability.phase) % 1) + 1) % 1;
    const amplitude = variability.amplitude * (AMPLITUDE[band] ?? 1);
    // RR Lyrae: up in 0.15 of the period, down in the rest; both have mean 0
    const shape =
      variability.type === 'sinusoid'
        ? 0.5 * Math.sin(2 * Math.PI * phase)
        : phase < 0.15
          ? 0.5 - phase / 0.15
          : -0.5 + (phase - 0.15) / 0.85;
    mag += amplitude * shape;
  }
  return abMagToNjy(mag);
}

/** Zero before the explosion, quadratic rise (the fireball), exponential fall. */
export function transientFluxNjy(transient: Transient, band: string, mjd: number): number {
  const age = mjd - transient.explosionMjd;
  if (age <= 0) return 0;
  const peak = abMagToNjy(transient.peakMag[band]!);
  const x = age / transient.riseDays;
  return x < 1 ? peak * x * x : peak * Math.exp(-(age - transient.riseDays) / transient.fallDays);
}

export const asteroidFluxNjy = (asteroid: Asteroid, band: string, place: ApparentPlace): number =>
  abMagToNjy(apparentMagnitude(asteroid.h, asteroid.g, place) + asteroid.colour[band]!);
