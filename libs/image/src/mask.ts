// Mask planes: one bit each, the same numbers in every image Almagest writes.

/** Bit values of the mask planes. Names follow the LSST convention. */
export const MaskBit = {
  /** defective pixel (from the camera's defect list) */
  BAD: 1 << 0,
  /** at or above the saturation level, or reached by bleeding charge */
  SAT: 1 << 1,
  /** value was interpolated from neighbours */
  INTRP: 1 << 2,
  /** cosmic ray */
  CR: 1 << 3,
  /** too near the edge for the last convolution */
  EDGE: 1 << 4,
  /** part of a positive detection's footprint */
  DETECTED: 1 << 5,
  /** part of a negative detection's footprint */
  DETECTED_NEGATIVE: 1 << 6,
  /** response may be non-linear */
  SUSPECT: 1 << 7,
  /** no input data reached this pixel */
  NO_DATA: 1 << 8,
  /** received significant crosstalk */
  CROSSTALK: 1 << 9,
  /** trail of a satellite or aircraft */
  STREAK: 1 << 10,
  /** an input was clipped in a stack */
  CLIPPED: 1 << 11,
  /** the set of contributing inputs (hence the PSF) changes here */
  INEXACT_PSF: 1 << 12,
  /** not a finite number in the input */
  UNMASKEDNAN: 1 << 13,
  /** a fake source was added here */
  INJECTED: 1 << 14,
  /** saturated in the template */
  SAT_TEMPLATE: 1 << 15,
  /** the template contributes unusually large noise */
  HIGH_VARIANCE: 1 << 16,
} as const;

export type MaskBitName = keyof typeof MaskBit;

/** Pixels that carry no usable measurement. */
export const UNUSABLE = MaskBit.BAD | MaskBit.SAT | MaskBit.CR | MaskBit.NO_DATA | MaskBit.EDGE | MaskBit.UNMASKEDNAN;

export const maskOf = (...names: readonly MaskBitName[]): number =>
  names.reduce((bits, name) => bits | MaskBit[name], 0);
