// From a clean image to background, PSF and sources: the iteration of LSST's CharacterizeImage. A background by mode, a first
// detection with a guessed PSF, the width of the star clump, cosmic rays, then background and PSF alternate: masked background,
// detection, simultaneous PSF fit, star selection, pixel-basis PSF. Ends with aperture correction and the source table.

import { z } from 'zod';
import type { Exposure, Psf } from '#libs/image';
import { MaskBit } from '#libs/image';
import type { Table } from '#libs/table';
import {
  ApertureCorrectionConfig,
  fitApertureCorrection,
  type ApertureCorrection,
} from '../aperture-correction/aperture-correction.js';
import { CosmicRayConfig, findCosmicRays } from '../artifacts/cosmic-rays.js';
import { BackgroundConfig, estimateBackground, subtractBackground, type BackgroundModel } from '../background/index.js';
import { DetectionConfig, detectSources, type DetectionResult } from '../detection/detect.js';
import { AlgorithmError } from '../errors.js';
import { interpolatePixels } from '../isr/interpolate.js';
import { adaptiveMoments } from '../measurement/adaptive-moments.js';
import { isClean, MeasurementConfig, measureSources, type SourceMeasurements } from '../measurement/measure-sources.js';
import { badPixels, maskAround } from '../measurement/pixel-flags.js';
import { sourceTable } from '../measurement/source-table.js';
import { isFiniteNumber, median } from '../numeric/index.js';
import { moffatOfSigma, roundGaussianPsf, stampSizeFor } from '../psf/analytic.js';
import { fitPixelPsf, PixelPsfConfig, type PsfStar } from '../psf/fit-pixel-psf.js';
import { selectStars, StarSelectionConfig, type StarCandidate } from '../psf/select-stars.js';

const { abs, hypot, round, sqrt } = Math;

export const CharacterizeConfig = z.object({
  initialFwhm: z.number().positive().default(4).meta({ unit: 'px', description: 'first guess of the seeing' }),
  firstBackground: BackgroundConfig.prefault({ meshSize: 64, statistic: 'mode', minGoodFraction: 0.5 }),
  background: BackgroundConfig.prefault({}),
  firstDetection: DetectionConfig.prefault({ threshold: 10 }),
  detection: DetectionConfig.prefault({}),
  cosmicRays: CosmicRayConfig.prefault({}),
  doCosmicRays: z.boolean().default(true).meta({ description: 'find cosmic rays by their sharpness' }),
  starSelection: StarSelectionConfig.prefault({}),
  pixelPsf: PixelPsfConfig.prefault({}),
  psfRounds: z.int().min(1).default(2).meta({ description: 'PSF fits, each on the stars cleaned by the one before' }),
  brightSnr: z.number().positive().default(15).meta({
    unit: 'sigma',
    description: 'only peaks above this are measured before the PSF is final (all when there are fewer than 50)',
  }),
  minPsfSnr: z.number().positive().default(80).meta({
    unit: 'sigma',
    description: 'joint S/N of the stars below which a Moffat of the clump’s width is used',
  }),
  minPsfStars: z
    .int()
    .min(1)
    .default(3)
    .meta({ description: 'with fewer stars a Moffat of the clump’s width is used' }),
  measurement: MeasurementConfig.prefault({}),
  apertureCorrection: ApertureCorrectionConfig.prefault({}),
});
export type CharacterizeConfig = z.output<typeof CharacterizeConfig>;

export interface CharacterizeResult {
  /** background-subtracted, cosmic rays interpolated, with PSF */
  readonly exposure: Exposure;
  readonly sources: Table;
  readonly background: BackgroundModel;
  readonly apertureCorrection: ApertureCorrection;
  readonly measurements: SourceMeasurements;
  readonly detection: DetectionResult;
  readonly psfModel: 'pixelBasis' | 'moffat' | 'gaussian';
  readonly psfStarCount: number;
  readonly cosmicRayCount: number;
}

/**
 * Characterises an exposure; image and mask are changed in place and are those of the result.
 * @throws AlgorithmError NO_GOOD_PIXELS when there is nothing to work with
 */
export function characterizeExposure(
  input: Exposure,
  config: CharacterizeConfig,
  checkpoint: () => void = () => undefined,
): CharacterizeResult {
  const { width, height, image, mask } = input;
  const plane = { width, height, data: image };
  const blank = MaskBit.BAD | MaskBit.SAT | MaskBit.CR | MaskBit.NO_DATA | MaskBit.UNMASKEDNAN | MaskBit.INTRP;
  const good = countGood(input);
  if (good < 0.02 * width * height)
    throw new AlgorithmError('NO_GOOD_PIXELS', `only ${good} of ${width * height} pixels carry a measurement`, {
      good,
    });
  let background = estimateBackground(plane, config.firstBackground, mask, blank);
  subtractBackground(image, background);
  const first = firstWidth(input, config);
  let psf: Psf = roundGaussianPsf(first.sigma);
  let psfModel: CharacterizeResult['psfModel'] = 'gaussian';
  checkpoint();
  let cosmicRayCount = 0;
  if (config.doCosmicRays) {
    const found = findCosmicRays({ ...input, psf }, config.cosmicRays);
    cosmicRayCount = found.count;
    for (const k of found.pixels) mask[k]! |= MaskBit.CR;
    interpolatePixels(input, MaskBit.CR);
    checkpoint();
  }
  const rebackground = (): void => {
    // the new background comes from the image without the old one, sources masked
    subtractBackground(image, background, 1);
    background = estimateBackground(plane, config.background, mask, blank | MaskBit.DETECTED);
    subtractBackground(image, background);
  };
  detectSources({ ...input, psf }, config.detection);
  rebackground();
  checkpoint();
  let detection = detectSources({ ...input, psf }, config.detection);
  const bright = brightOnly(detection, config.brightSnr);
  let measured = measureSources({ ...input, psf }, bright, config.measurement);
  checkpoint();
  let psfStars: { readonly x: number; readonly y: number }[] = [];
  for (let round = 0; round < config.psfRounds; round++) {
    const fitted = modelPsf(input, measured, chooseStars(measured, config), psf, config);
    psf = fitted.psf;
    psfModel = fitted.model;
    psfStars = fitted.used.map((i) => ({ x: measured.fit.x[i]!, y: measured.fit.y[i]! }));
    const last = round === config.psfRounds - 1;
    if (last) {
      rebackground();
      detection = detectSources({ ...input, psf }, config.detection);
    }
    measured = measureSources({ ...input, psf }, last ? detection : bright, config.measurement);
    checkpoint();
  }
  const psfStarCount = psfStars.length;
  const isPsfStar = matchStars(measured, psfStars);
  const calibration = measured.apertureRadii.indexOf(config.measurement.calibrationRadius);
  const apertureCorrection = fitApertureCorrection(
    correctionStars(measured, isPsfStar, calibration),
    width,
    height,
    config.apertureCorrection,
  );
  const sources = sourceTable(measured, {
    correction: apertureCorrection,
    calibrationRadius: config.measurement.calibrationRadius,
    isPsfStar,
  });
  const exposure: Exposure = { ...input, psf };
  return {
    exposure,
    sources,
    background,
    apertureCorrection,
    measurements: measured,
    detection,
    psfModel,
    psfStarCount,
    cosmicRayCount,
  };
}

/** The detections with their bright peaks only; all of them when few are bright. */
function brightOnly(detection: DetectionResult, minSnr: number): DetectionResult {
  const footprints = detection.footprints
    .map((footprint) => ({ ...footprint, peaks: footprint.peaks.filter((peak) => peak.value >= minSnr) }))
    .filter((footprint) => footprint.peaks.length > 0);
  return footprints.length < 50 ? detection : { ...detection, footprints };
}

function countGood({ image, mask, variance }: Exposure): number {
  const unusable = MaskBit.BAD | MaskBit.SAT | MaskBit.NO_DATA | MaskBit.UNMASKEDNAN;
  let good = 0;
  for (let i = 0; i < image.length; i++)
    if ((mask[i]! & unusable) === 0 && isFiniteNumber(image[i]!) && variance[i]! > 0) good++;
  return good;
}

/** Width of the star clump from adaptive moments of lonely peaks; the guess when there is no clump. */
function firstWidth(exposure: Exposure, config: CharacterizeConfig): { sigma: number; stars: number } {
  const guess = config.initialFwhm / 2.3548;
  let best = { sigma: guess, stars: 0 };
  // a shallow frame has no star above the first threshold: try once more with the deep one
  for (const threshold of [config.firstDetection.threshold, config.detection.threshold]) {
    const candidates = clumpCandidates(exposure, { ...config.firstDetection, threshold, psfSigma: guess }, guess);
    const { indices, width } = selectStars(candidates, config.starSelection);
    if (indices.length > best.stars) best = { sigma: width, stars: indices.length };
    if (best.stars >= config.starSelection.wanted) break;
  }
  return best;
}

function clumpCandidates(exposure: Exposure, detection: DetectionConfig, guess: number): StarCandidate[] {
  const { width, height, image } = exposure;
  const peaks = detectSources(exposure, detection).footprints.flatMap((footprint) =>
    footprint.polarity === 1 ? [...footprint.peaks] : [],
  );
  const plane = { width, height, data: image };
  // peaks by row, so that neighbours are looked for among few
  const sorted = peaks.sort((a, b) => a.y - b.y || a.x - b.x);
  const reach = 5 * guess;
  return sorted.map((peak, i) => {
    let lonely = true;
    for (const step of [-1, 1])
      for (let k = i + step; lonely && k >= 0 && k < sorted.length; k += step) {
        const other = sorted[k]!;
        if (abs(other.y - peak.y) > reach) break;
        if (hypot(other.x - peak.x, other.y - peak.y) < reach && other.value > 0.1 * peak.value) lonely = false;
      }
    const moments = adaptiveMoments(plane, peak.x, peak.y, { startVariance: guess * guess, recentre: true });
    const bits = maskAround(exposure, peak.x, peak.y, 2);
    return {
      width: moments.converged ? sqrt((moments.xx + moments.yy) / 2) : NaN,
      snr: peak.value,
      clean: lonely && (bits & (MaskBit.SAT | MaskBit.BAD | MaskBit.EDGE | MaskBit.NO_DATA | MaskBit.INTRP)) === 0,
    };
  });
}

/** Indices of PSF star candidates among the measured sources, brightest first. */
function chooseStars(measured: SourceMeasurements, config: CharacterizeConfig): number[] {
  const { fit, xx, yy } = measured;
  const candidates = Array.from({ length: measured.count }, (_, i) => ({
    width: sqrt((xx[i]! + yy[i]!) / 2),
    snr: fit.flux[i]! / fit.fluxErr[i]!,
    clean:
      isClean(measured, i) && measured.crowded[i] === 0 && !hasStrongNeighbour(measured, i) && fit.usable[i]! > 0.95,
  }));
  return selectStars(candidates, config.starSelection).indices;
}

/** A source of more than a fifth of the flux within 6 px, or brighter within 10 px, of the same blend. */
function hasStrongNeighbour(measured: SourceMeasurements, i: number): boolean {
  const { fit, primary, blendSize } = measured;
  const from = primary[i]!;
  for (let k = from; k < from + blendSize[i]!; k++) {
    if (k === i) continue;
    const d = hypot(fit.x[k]! - fit.x[i]!, fit.y[k]! - fit.y[i]!);
    if ((d < 6 && fit.flux[k]! > 0.2 * fit.flux[i]!) || (d < 10 && fit.flux[k]! > fit.flux[i]!)) return true;
  }
  return false;
}

function modelPsf(
  exposure: Exposure,
  measured: SourceMeasurements,
  stars: readonly number[],
  previous: Psf,
  config: CharacterizeConfig,
): { psf: Psf; model: 'pixelBasis' | 'moffat' | 'gaussian'; used: number[] } {
  const { width, height } = exposure;
  if (stars.length === 0) return { psf: previous, model: 'gaussian', used: [] };
  const sigma = median(stars.map((i) => sqrt((measured.xx[i]! + measured.yy[i]!) / 2)));
  const jointSnr = hypot(...stars.map((i) => measured.fit.flux[i]! / measured.fit.fluxErr[i]!));
  if (stars.length < config.minPsfStars || jointSnr < config.minPsfSnr)
    return { psf: moffatOfSigma(sigma), model: 'moffat', used: [...stars] };
  const size = stampSizeFor(sigma);
  const bad = badPixels(exposure);
  const samples = stars.map((i) => starStamp(exposure, measured, i, size, bad));
  const fit = fitPixelPsf(samples, size, width, height, config.pixelPsf);
  return { psf: fit.psf, model: 'pixelBasis', used: stars.filter((_, s) => fit.used[s]) };
}

/** The pixels of one star with every other source's model taken away. */
function starStamp(
  exposure: Exposure,
  measured: SourceMeasurements,
  i: number,
  size: number,
  bad: Uint8Array,
): PsfStar {
  const { width, height, variance } = exposure;
  const { fit } = measured;
  const half = size >> 1;
  const x0 = round(fit.x[i]!) - half;
  const y0 = round(fit.y[i]!) - half;
  const own = fit.stamps[i]!;
  const data = new Float32Array(size * size).fill(NaN);
  const noise: number[] = [];
  for (let j = 0; j < size; j++)
    for (let c = 0; c < size; c++) {
      const x = x0 + c;
      const y = y0 + j;
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const k = y * width + x;
      if (bad[k]) continue;
      const u = x - own.x0;
      const v = y - own.y0;
      const inside = u >= 0 && v >= 0 && u < own.size && v < own.size;
      data[j * size + c] = fit.residual[k]! + (inside ? fit.flux[i]! * own.data[v * own.size + u]! : 0);
      if (hypot(c - half, j - half) > 0.8 * half) noise.push(variance[k]!);
    }
  const far = noise.length > 0 ? median(noise) : variance[round(fit.y[i]!) * width + round(fit.x[i]!)]!;
  return { x: fit.x[i]!, y: fit.y[i]!, flux: fit.flux[i]!, snr: fit.flux[i]! / fit.fluxErr[i]!, data, variance: far };
}

/** Marks the sources at the positions of the PSF stars (sources may have been renumbered by a new detection). */
function matchStars(measured: SourceMeasurements, positions: readonly { x: number; y: number }[]): Uint8Array {
  const marks = new Uint8Array(measured.count);
  const { x, y } = measured.fit;
  for (const position of positions) {
    let best = -1;
    let nearest = 1;
    for (let i = 0; i < measured.count; i++) {
      const d = hypot(x[i]! - position.x, y[i]! - position.y);
      if (d < nearest) {
        nearest = d;
        best = i;
      }
    }
    if (best >= 0) marks[best] = 1;
  }
  return marks;
}

function correctionStars(measured: SourceMeasurements, isPsfStar: Uint8Array, calibration: number) {
  const { fit } = measured;
  const flux = measured.apertureFlux[calibration]!;
  const error = measured.apertureFluxErr[calibration]!;
  return Array.from({ length: measured.count }, (_, i) => ({
    x: fit.x[i]!,
    y: fit.y[i]!,
    ratio: isPsfStar[i] && measured.crowded[i] === 0 ? flux[i]! / fit.flux[i]! : NaN,
    // the scatter between stars has a floor of half a percent (neighbours, PSF model)
    weight: 1 / ((error[i]! / flux[i]!) ** 2 + 0.005 ** 2),
  }));
}
