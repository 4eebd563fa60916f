// Reality score of DIASources: probability-like number in [0, 1] that a detection is a change of the sky and not an artefact.
// A logistic function of named features with fixed, documented weights: transparent, and a baseline for trained models, which
// replace it behind the same interface.

/** What a classifier is told of one DIASource. NaN means "not measured". */
export interface RealityFeatures {
  /** |S/N| of the PSF flux */
  readonly snr: number;
  /** trace of the adaptive moments over that of the PSF (1 for a point source) */
  readonly shapeRatio: number;
  readonly negativeFraction: number;
  readonly reducedChi2: number;
  readonly residualShare: number;
  readonly peakRatio: number;
  readonly maskedFraction: number;
  readonly isDipole: boolean;
  /** distance to the nearest saturated pixel [PSF sigma] */
  readonly saturationDistance: number;
  /** template peak over source peak at the same place: large on the core of a bright star */
  readonly hostRatio: number;
  /** aperture flux over PSF flux (1 for a point source) */
  readonly apertureRatio: number;
}

export interface RealityClassifier {
  /** goes into reliabilityVersion: at most 7 characters */
  readonly version: string;
  score(features: RealityFeatures): number;
}

interface Term {
  readonly name: string;
  readonly weight: number;
  value(features: RealityFeatures): number;
}

const clip = (value: number, low: number, high: number, missing: number): number =>
  Number.isNaN(value) ? missing : Math.min(Math.max(value, low), high);

/**
 * The terms: every value is 0 for an ideal isolated point source far above the threshold and grows towards "artefact"; weights
 * are log-odds per unit. Bright sources are allowed a relative misfit (PSF model errors grow with flux), hence residualShare
 * beside chi^2.
 */
export const LOGISTIC_TERMS: readonly Term[] = [
  // detections near the threshold are more often noise: from 7 sigma down to 5
  { name: 'lowSignal', weight: 0.9, value: ({ snr }) => clip(7 - snr, 0, 2, 2) },
  // too sharp (cosmic ray) or too wide (blend residual); noise of the ratio is about 2 / (S/N)
  {
    name: 'shape',
    weight: 2.2,
    value: ({ shapeRatio, snr }) => clip(Math.abs(Math.log(shapeRatio)) - 0.15 - 4 / snr, 0, 1.5, 0.5),
  },
  // holes beside the source: 2 pixels of 49 are noise
  { name: 'negative', weight: 14, value: ({ negativeFraction }) => clip(negativeFraction - 0.06, 0, 0.4, 0) },
  {
    name: 'misfit',
    weight: 1.6,
    value: ({ reducedChi2, residualShare }) =>
      clip(Math.min(Math.log(reducedChi2 / 1.8), 12 * (residualShare - 0.1)), 0, 2.5, 1),
  },
  { name: 'sharp', weight: 4, value: ({ peakRatio, snr }) => clip(peakRatio - 1.25 - 3 / snr, 0, 1.5, 0) },
  { name: 'masked', weight: 3.5, value: ({ maskedFraction }) => clip(maskedFraction - 0.04, 0, 1, 1) },
  { name: 'dipole', weight: 4.5, value: ({ isDipole }) => (isDipole ? 1 : 0) },
  // within 6 sigma of saturation
  { name: 'saturation', weight: 4, value: ({ saturationDistance }) => clip(1 - saturationDistance / 6, 0, 1, 0) },
  // residuals of bright stars are a few per cent of the star: suspicious from 20 times fainter on
  { name: 'host', weight: 1.6, value: ({ hostRatio }) => clip(Math.log(hostRatio / 12), 0, 2.5, 0) },
  {
    name: 'aperture',
    weight: 1.2,
    value: ({ apertureRatio, snr }) => clip(Math.abs(apertureRatio - 1) - 0.3 - 12 / snr, 0, 1.5, 0),
  },
];
/** Log-odds of a source without any blemish. */
export const LOGISTIC_BIAS = 3;

export const logisticClassifier: RealityClassifier = {
  version: 'lr-1',
  score: (features) => {
    const blemish = LOGISTIC_TERMS.reduce((sum, term) => sum + term.weight * term.value(features), 0);
    return 1 / (1 + Math.exp(blemish - LOGISTIC_BIAS));
  },
};
