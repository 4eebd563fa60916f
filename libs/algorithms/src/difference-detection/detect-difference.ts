// DIASources: detection of both polarities on a difference image, and what is measured on each: position, PSF and aperture
// flux on the difference, forced PSF flux on science and template, shape, dipole, mask bits, and the features of the reality
// score. Fluxes in the difference's units [e-]; positions [px].
import { type Exposure, MaskBit, psfSigma } from '#libs/image';
import { type DetectedFootprint, detectSources, DetectionConfig, significanceImage } from '../detection/index.js';
import { AlgorithmError } from '../errors.js';
import { adaptiveMoments, apertureFlux, forcedPsfFlux, maskAround } from '../measurement/index.js';
import { robustSigma } from '../numeric/index.js';
import { type DipoleFit, fitDipole } from './dipole.js';
import { fitPosition, type PositionFit } from './fit-position.js';
import { type StampFeatures, stampFeatures } from './stamp-features.js';

export interface DifferenceDetectionConfig {
  /** [sigma] */
  readonly threshold: number;
  /** radius of the aperture flux [px] */
  readonly apertureRadius: number;
  /** a positive and a negative peak closer than this many PSF sigmas may be one dipole */
  readonly dipoleSeparation: number;
  /** rescale the variance plane to the observed noise within these limits */
  readonly maxNoiseScale: number;
}
export const DEFAULT_DIFFERENCE_DETECTION: DifferenceDetectionConfig = {
  threshold: 5,
  apertureRadius: 6,
  dipoleSeparation: 5,
  maxNoiseScale: 10,
};

export interface DiaMeasurement {
  readonly x: number;
  readonly y: number;
  readonly xErr: number;
  readonly yErr: number;
  readonly centroidFailed: boolean;
  readonly isNegative: boolean;
  /** of the detection, by the matched filter */
  readonly snr: number;
  readonly psfFlux: number;
  readonly psfFluxErr: number;
  readonly psfChi2: number;
  readonly psfPixels: number;
  /** share of the PSF's power on usable pixels */
  readonly usable: number;
  readonly apFlux: number;
  readonly apFluxErr: number;
  readonly apComplete: boolean;
  readonly scienceFlux: number;
  readonly scienceFluxErr: number;
  readonly templateFlux: number;
  readonly templateFluxErr: number;
  /** adaptive moments of the source and of the PSF [px^2]; NaN when they did not converge */
  readonly moments: { readonly xx: number; readonly yy: number; readonly xy: number };
  readonly psfMoments: { readonly xx: number; readonly yy: number; readonly xy: number };
  readonly dipole?: DipoleFit & { readonly dx: number; readonly dy: number };
  /** OR of the mask over the footprint, and over the central 3 x 3 pixels */
  readonly footprintBits: number;
  readonly centreBits: number;
  readonly boxSize: number;
  readonly features: StampFeatures;
}

export interface DifferenceDetection {
  readonly sources: readonly DiaMeasurement[];
  /** observed noise of the matched filter in units of the variance plane's; the plane was multiplied by its square */
  readonly noiseScale: number;
  /** peaks thrown away because their centre has no data, is saturated or bad */
  readonly rejected: number;
}

/** Pixels that take part in no measurement on the difference. */
const UNMEASURABLE = MaskBit.NO_DATA | MaskBit.UNMASKEDNAN | MaskBit.BAD | MaskBit.SAT;
/** A detection centred on one of these is not a measurement of the sky. */
const REJECTED_CENTRE =
  MaskBit.NO_DATA | MaskBit.UNMASKEDNAN | MaskBit.BAD | MaskBit.SAT | MaskBit.SAT_TEMPLATE | MaskBit.EDGE;

interface Candidate {
  readonly fit: PositionFit;
  readonly snr: number;
  readonly polarity: 1 | -1;
  readonly footprint: DetectedFootprint;
  dipole?: DiaMeasurement['dipole'];
}

/**
 * `science` and `template` lie on the difference's grid and are in its units. Writes the detection bits into the
 * difference's mask and rescales its variance plane when the noise is not what the plane says.
 */
export function detectDifference(
  difference: Exposure,
  science: Exposure,
  template: Exposure,
  config: Partial<DifferenceDetectionConfig> = {},
): DifferenceDetection {
  const settings = { ...DEFAULT_DIFFERENCE_DETECTION, ...config };
  const { psf, width, height } = difference;
  if (!psf) throw new AlgorithmError('NO_PSF', 'detection on a difference needs its PSF');
  const sigma = psfSigma(psf, width / 2, height / 2);
  const noiseScale = rescaleVariance(difference, sigma, settings.maxNoiseScale);
  const { footprints } = detectSources(
    difference,
    DetectionConfig.parse({ threshold: settings.threshold, polarity: 'both', psfSigma: sigma }),
  );
  const candidates: Candidate[] = [];
  let rejected = 0;
  for (const footprint of footprints)
    for (const peak of footprint.peaks) {
      if ((maskAround(difference, peak.x, peak.y, 0) & REJECTED_CENTRE) !== 0) {
        rejected++;
        continue;
      }
      const fit = fitPosition(difference, peak.x, peak.y, UNMEASURABLE);
      candidates.push({ fit, snr: peak.value, polarity: footprint.polarity, footprint });
    }
  const kept = joinDipoles(difference, candidates, settings.dipoleSeparation * sigma);
  const positions = kept.map(({ fit }) => fit);
  const onDifference = forcedPsfFlux(difference, positions, UNMEASURABLE);
  const onScience = science.psf && forcedPsfFlux(science, positions);
  const onTemplate = template.psf && forcedPsfFlux(template, positions, MaskBit.NO_DATA | MaskBit.UNMASKEDNAN);
  const plane = { width, height, data: difference.image };
  const negativePlane = { width, height, data: difference.image.map((value) => -value) };
  const sources = kept.map(({ fit, snr, polarity, footprint, dipole }, k): DiaMeasurement => {
    const aperture = apertureFlux(difference, fit.x, fit.y, settings.apertureRadius);
    const psfMoments = psf.shape(fit.x, fit.y);
    const moments = adaptiveMoments(polarity === 1 ? plane : negativePlane, fit.x, fit.y, {
      startVariance: (psfMoments.xx + psfMoments.yy) / 2,
      maxRadius: 12,
    });
    return {
      x: fit.x,
      y: fit.y,
      xErr: fit.xErr,
      yErr: fit.yErr,
      centroidFailed: !fit.converged,
      isNegative: polarity === -1,
      snr,
      psfFlux: onDifference.flux[k]!,
      psfFluxErr: onDifference.fluxErr[k]!,
      psfChi2: onDifference.chi2[k]!,
      psfPixels: onDifference.pixels[k]!,
      usable: onDifference.usable[k]!,
      apFlux: aperture.flux,
      apFluxErr: aperture.fluxErr,
      apComplete: aperture.complete,
      scienceFlux: onScience?.flux[k] ?? NaN,
      scienceFluxErr: onScience?.fluxErr[k] ?? NaN,
      templateFlux: onTemplate?.flux[k] ?? NaN,
      templateFluxErr: onTemplate?.fluxErr[k] ?? NaN,
      moments: moments.converged ? moments : { xx: NaN, yy: NaN, xy: NaN },
      psfMoments,
      ...(dipole && { dipole }),
      ...footprintFacts(difference, footprint),
      centreBits: maskAround(difference, fit.x, fit.y, 1),
      features: stampFeatures(difference, template, fit.x, fit.y, polarity, onDifference.flux[k]!),
    };
  });
  return { sources, noiseScale, rejected };
}

/**
 * Correlated template noise makes the matched filter noisier than the variance plane says. The plane is multiplied so that the
 * filter's S/N has unit robust width.
 */
function rescaleVariance(difference: Exposure, sigma: number, limit: number): number {
  const significance = significanceImage(difference, sigma);
  const sample: number[] = [];
  for (let p = 0; p < significance.length; p += 3) if (significance[p] !== 0) sample.push(significance[p]!);
  const scale = sample.length > 100 ? robustSigma(sample) : 1;
  if (!(scale > 0)) return 1;
  const applied = Math.min(Math.max(scale, 1 / limit), limit);
  for (let p = 0; p < difference.variance.length; p++) difference.variance[p]! *= applied * applied;
  return applied;
}

/** Pairs of opposite lobes become one dipole at their middle, unless one lobe clearly dominates: then both stay. */
function joinDipoles(difference: Exposure, candidates: readonly Candidate[], reach: number): Candidate[] {
  const pairs: { a: number; b: number; distance: number }[] = [];
  candidates.forEach((a, i) => {
    if (a.polarity !== 1) return;
    candidates.forEach((b, j) => {
      if (b.polarity !== -1) return;
      const distance = Math.hypot(a.fit.x - b.fit.x, a.fit.y - b.fit.y);
      if (distance <= reach) pairs.push({ a: i, b: j, distance });
    });
  });
  pairs.sort((p, q) => p.distance - q.distance || p.a - q.a || p.b - q.b);
  const gone = new Set<number>();
  const out = new Map<number, Candidate>();
  for (const { a, b } of pairs) {
    if (gone.has(a) || gone.has(b) || out.has(a) || out.has(b)) continue;
    const [plus, minus] = [candidates[a]!, candidates[b]!];
    const dipole = fitDipole(difference, plus.fit, minus.fit, UNMEASURABLE);
    if (!dipole.isDipole) continue;
    const strong = plus.snr >= minus.snr ? a : b;
    gone.add(strong === a ? b : a);
    const source = candidates[strong]!;
    out.set(strong, {
      ...source,
      fit: { ...source.fit, x: (plus.fit.x + minus.fit.x) / 2, y: (plus.fit.y + minus.fit.y) / 2 },
      dipole: { ...dipole, dx: plus.fit.x - minus.fit.x, dy: plus.fit.y - minus.fit.y },
    });
  }
  return candidates.flatMap((candidate, i) => (gone.has(i) ? [] : [out.get(i) ?? candidate]));
}

function footprintFacts(
  difference: Exposure,
  footprint: DetectedFootprint,
): { readonly footprintBits: number; readonly boxSize: number } {
  let bits = 0;
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const span of footprint.spans) {
    for (let x = span.x0; x <= span.x1; x++) bits |= difference.mask[span.y * difference.width + x]!;
    x0 = Math.min(x0, span.x0);
    x1 = Math.max(x1, span.x1);
    y0 = Math.min(y0, span.y);
    y1 = Math.max(y1, span.y);
  }
  return { footprintBits: bits, boxSize: Math.max(x1 - x0, y1 - y0) + 1 };
}
