// Single-frame measurement of every detected peak: simultaneous PSF fit of the whole image, then, each source with its
// neighbours' models taken away, circular apertures and adaptive moments. Fluxes and errors in image units (electrons), positions
// in pixels, moments in px^2. Cost: about 1 ms per source.

import { z } from 'zod';
import type { Exposure } from '#libs/image';
import { MaskBit } from '#libs/image';
import { PsfFitConfig, addStamp, fitPointSources, type PsfFitResult } from '../deblending/psf-fit.js';
import type { DetectionResult } from '../detection/detect.js';
import { AlgorithmError } from '../errors.js';
import { adaptiveMoments } from './adaptive-moments.js';
import { apertureFlux } from './apertures.js';
import { quarticPeak } from './centroid.js';
import { badPixels, maskAround } from './pixel-flags.js';
import { isFiniteNumber } from '../numeric/statistics.js';

const { abs, max, min, round, sqrt } = Math;

export const MeasurementConfig = z.object({
  apertureRadii: z
    .array(z.number().positive())
    .default([3, 4.5, 6, 9, 12, 17, 25])
    .meta({ unit: 'px', description: 'radii of the circular apertures' }),
  calibrationRadius: z.number().positive().default(12).meta({
    unit: 'px',
    description: 'aperture that defines total flux; always measured',
  }),
  psfFit: PsfFitConfig.prefault({}),
  extendedSizeExcess: z
    .number()
    .positive()
    .default(0.15)
    .meta({ description: 'extended when the trace of the moments exceeds the PSF’s by this fraction and 3 sigma' }),
});
export type MeasurementConfig = z.output<typeof MeasurementConfig>;

/** Measurements of all sources, struct of arrays; row i belongs to peak i of the detection list in order. */
export interface SourceMeasurements {
  readonly count: number;
  readonly fit: PsfFitResult;
  /** index of the footprint, and of the brightest source of the same footprint */
  readonly footprint: Int32Array;
  readonly primary: Int32Array;
  readonly blendSize: Int32Array;
  readonly peakX: Int32Array;
  readonly peakY: Int32Array;
  readonly detectionSnr: Float64Array;
  readonly apertureRadii: readonly number[];
  /** one array per radius; NaN where the aperture leaves the image */
  readonly apertureFlux: readonly Float64Array[];
  readonly apertureFluxErr: readonly Float64Array[];
  readonly xx: Float64Array;
  readonly yy: Float64Array;
  readonly xy: Float64Array;
  readonly shapeFailed: Uint8Array;
  /** 1 extended, 0 point-like, NaN not known */
  readonly extendedness: Float64Array;
  /** mask bits of the central 3 x 3 pixels and of the whole PSF core */
  readonly centreBits: Int32Array;
  readonly coreBits: Int32Array;
  /** largest fraction of a pixel's flux in the core that neighbours contribute is above one half */
  readonly crowded: Uint8Array;
}

/** Peaks of positive footprints as start positions. */
function startsOf(detection: DetectionResult, width: number, height: number) {
  const starts: { x: number; y: number; px: number; py: number; snr: number; footprint: number }[] = [];
  detection.footprints.forEach((footprint, f) => {
    if (footprint.polarity !== 1) return;
    for (const peak of footprint.peaks) {
      const { x, y } = quarticPeak(detection.significance, width, height, peak.x, peak.y);
      starts.push({ x, y, px: peak.x, py: peak.y, snr: peak.value, footprint: f });
    }
  });
  return starts;
}

/**
 * Measures all positive detections of a background-subtracted exposure with a PSF. The exposure is not changed.
 * @throws AlgorithmError NO_PSF
 */
export function measureSources(
  exposure: Exposure,
  detection: DetectionResult,
  config: MeasurementConfig,
): SourceMeasurements {
  const { width, height, variance, psf } = exposure;
  if (!psf) throw new AlgorithmError('NO_PSF', 'measurement needs an exposure with a PSF');
  const starts = startsOf(detection, width, height);
  const n = starts.length;
  const bad = badPixels(exposure);
  const peakOfPsf = psf.kernel(width / 2, height / 2).data.reduce((a, b) => max(a, b), 0);
  const startFlux = starts.map(({ px, py }) => {
    const value = exposure.image[py * width + px]!;
    return isFiniteNumber(value) ? max(0, value) / peakOfPsf : 0;
  });
  // starting from flux 0 lets the first sweep, brightest first, share light between neighbours; the order is by peak
  const fit = fitPointSources(
    { width, height, image: exposure.image, variance, bad },
    psf,
    starts.map((s) => s.x),
    starts.map((s) => s.y),
    startFlux,
    config.psfFit,
  );
  const radii = [...new Set([...config.apertureRadii, config.calibrationRadius])].sort((a, b) => a - b);
  const apertures = radii.map(() => new Float64Array(n).fill(NaN));
  const apertureErrors = radii.map(() => new Float64Array(n).fill(NaN));
  const xx = new Float64Array(n).fill(NaN);
  const yy = new Float64Array(n).fill(NaN);
  const xy = new Float64Array(n).fill(NaN);
  const shapeFailed = new Uint8Array(n);
  const extendedness = new Float64Array(n).fill(NaN);
  const centreBits = new Int32Array(n);
  const coreBits = new Int32Array(n);
  const crowded = new Uint8Array(n);
  // residuals, with what the fit left out put back: apertures see interpolated values there
  const work = fit.residual.slice();
  for (let i = 0; i < work.length; i++) if (bad[i] && isFiniteNumber(exposure.image[i]!)) work[i] = exposure.image[i]!;
  const onBad = new Uint8Array(bad.length);
  for (let i = 0; i < bad.length; i++) if (bad[i]) onBad[i] = 1;
  const plane = { width, height, image: work, variance };
  const shapes = { width, height, data: work };
  for (let i = 0; i < n; i++) {
    const x = fit.x[i]!;
    const y = fit.y[i]!;
    const flux = fit.flux[i]!;
    const stamp = fit.stamps[i]!;
    const model = psf.shape(x, y);
    const psfTrace = model.xx + model.yy;
    centreBits[i] = maskAround(exposure, x, y, 1);
    coreBits[i] = maskAround(exposure, x, y, max(1, round(sqrt(psfTrace / 2) * 1.5)));
    if (isFiniteNumber(flux)) addStamp(work, width, height, stamp, flux, onBad);
    for (let r = 0; r < radii.length; r++) {
      const aperture = apertureFlux(plane, x, y, radii[r]!);
      if (!aperture.complete) continue;
      apertures[r]![i] = aperture.flux;
      apertureErrors[r]![i] = aperture.fluxErr;
    }
    const moments = adaptiveMoments(shapes, x, y, { startVariance: psfTrace / 2, maxRadius: 2 * stamp.size });
    if (moments.converged) {
      xx[i] = moments.xx;
      yy[i] = moments.yy;
      xy[i] = moments.xy;
      const snr = flux / fit.fluxErr[i]!;
      const excess = (moments.xx + moments.yy) / psfTrace - 1;
      // a Gaussian's size has the relative error 2 / snr
      if (snr > 0) extendedness[i] = excess > config.extendedSizeExcess && excess > 6 / snr ? 1 : 0;
    } else shapeFailed[i] = 1;
    const cx = min(width - 1, max(0, round(x)));
    const cy = min(height - 1, max(0, round(y)));
    const own = abs(flux) * peakOfPsf;
    const whole = exposure.image[cy * width + cx]!;
    if (isFiniteNumber(whole) && abs(whole) > 2 * own) crowded[i] = 1;
    if (isFiniteNumber(flux)) addStamp(work, width, height, stamp, -flux, onBad);
  }
  const footprint = Int32Array.from(starts, (s) => s.footprint);
  const primary = new Int32Array(n);
  const blendSize = new Int32Array(n);
  for (let i = 0; i < n;) {
    let end = i;
    while (end < n && footprint[end] === footprint[i]) end++;
    primary.fill(i, i, end);
    blendSize.fill(end - i, i, end);
    i = end;
  }
  return {
    count: n,
    fit,
    footprint,
    primary,
    blendSize,
    peakX: Int32Array.from(starts, (s) => s.px),
    peakY: Int32Array.from(starts, (s) => s.py),
    detectionSnr: Float64Array.from(starts, (s) => s.snr),
    apertureRadii: radii,
    apertureFlux: apertures,
    apertureFluxErr: apertureErrors,
    xx,
    yy,
    xy,
    shapeFailed,
    extendedness,
    centreBits,
    coreBits,
    crowded,
  };
}

/** Is the source free of saturation, defects, cosmic rays and edges in its core? */
export const isClean = (measured: SourceMeasurements, i: number): boolean =>
  (measured.coreBits[i]! & (MaskBit.SAT | MaskBit.BAD | MaskBit.CR | MaskBit.EDGE | MaskBit.NO_DATA)) === 0 &&
  measured.fit.centroidFailed[i] === 0;
