// Instrument signature removal, in the order: overscan, saturation, crosstalk, linearity, gain, assembly, bias, photon noise,
// dark, defects, NaN, flat, interpolation. Raw counts in, electrons (flattened) out. Cost: about ten passes over the pixels.

import type { Allocator, Box, Exposure } from '#libs/image';
import { heapAllocator, MaskBit } from '#libs/image';
import { assembleDetector, type AmplifierReport, type RawAmplifier } from './assemble.js';
import { addPhotonNoise, divideFlat, subtractMaster } from './calibrate.js';
import type { IsrConfig } from './config.js';
import { interpolatePixels } from './interpolate.js';
import { growMask, maskDefects, maskNonFinite } from './masks.js';

export interface RawDetector {
  readonly width: number;
  readonly height: number;
  readonly amplifiers: readonly RawAmplifier[];
  readonly defects?: readonly Box[];
  /** time the dark current ran [s]: the exposure time unless the camera says otherwise */
  readonly darkTime: number;
}

export interface MasterCalibrations {
  /** [e-] */
  readonly bias?: Exposure;
  /** [e-/s] */
  readonly dark?: Exposure;
  /** relative response, mean 1 */
  readonly flat?: Exposure;
}

export interface IsrResult {
  readonly exposure: Exposure;
  readonly amplifiers: readonly AmplifierReport[];
  readonly nanPixels: number;
  readonly interpolatedPixels: number;
}

/** Which pixels are interpolated. */
export const INTERPOLATED = MaskBit.BAD | MaskBit.SAT | MaskBit.UNMASKEDNAN;

/** @throws AlgorithmError when raw frame and calibrations do not fit each other */
export function removeInstrumentSignature(
  raw: RawDetector,
  masters: MasterCalibrations,
  config: IsrConfig,
  allocator: Allocator = heapAllocator,
): IsrResult {
  const { exposure, amplifiers } = assembleDetector(raw.amplifiers, raw.width, raw.height, config, allocator);
  if (config.doBias && masters.bias) subtractMaster(exposure, masters.bias, 1, 'bias');
  addPhotonNoise(exposure);
  if (config.doDark && masters.dark) subtractMaster(exposure, masters.dark, raw.darkTime, 'dark');
  growMask(exposure, MaskBit.SAT, config.growSaturation);
  if (config.doDefects && raw.defects) maskDefects(exposure, raw.defects);
  if (config.doFlat && masters.flat) divideFlat(exposure, masters.flat, config.minFlat);
  const nanPixels = maskNonFinite(exposure);
  const interpolatedPixels = config.doInterpolate ? interpolatePixels(exposure, INTERPOLATED) : 0;
  return { exposure, amplifiers, nanPixels, interpolatedPixels };
}
