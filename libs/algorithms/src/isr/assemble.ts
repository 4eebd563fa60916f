// From raw amplifier arrays to one detector image: overscan, saturation, crosstalk, linearity, gain, flips. Electrons out.

import { z } from 'zod';
import type { Box, Exposure } from '#libs/image';
import { heapAllocator, makeExposure, MaskBit, type Allocator } from '#libs/image';
import { AlgorithmError } from '../errors.js';
import type { IsrConfig } from './config.js';
import { correctCrosstalk } from './crosstalk.js';
import { fitOverscan, type RawPixels } from './overscan.js';
import { isFiniteNumber } from '../numeric/statistics.js';

/** What assembly needs to know of an amplifier; `Amplifier` of #libs/instruments is one. Boxes count from 0. */
export interface AmplifierGeometry {
  readonly name: string;
  readonly dataSection: Box;
  readonly biasSection?: Box;
  /** bias level of cameras without overscan [ADU] */
  readonly biasLevel?: number;
  readonly detectorBox: Box;
  readonly flipX: boolean;
  readonly flipY: boolean;
  /** [e-/ADU] */
  readonly gain: number;
  /** [e-] */
  readonly readNoise: number;
  /** [ADU above bias] */
  readonly saturation: number;
  readonly crosstalk?: readonly number[];
  readonly linearity?: readonly number[];
}

export interface RawAmplifier {
  readonly amplifier: AmplifierGeometry;
  /** the whole raw array of the amplifier, or the array that holds it [ADU] */
  readonly pixels: RawPixels;
  readonly width: number;
}

/** What was measured of each amplifier on the way. */
export const AmplifierReport = z.object({
  name: z.string(),
  biasLevel: z.number().meta({ unit: 'adu' }),
  overscanNoise: z.number().meta({ unit: 'adu' }),
  saturatedPixels: z.number(),
});
export type AmplifierReport = z.output<typeof AmplifierReport>;

export interface AssembledDetector {
  /** image [e-]; SAT, SUSPECT and UNMASKEDNAN set; variance holds the squared read noise [e-^2] only */
  readonly exposure: Exposure;
  readonly amplifiers: readonly AmplifierReport[];
}

/**
 * Assembles one detector. Amplifiers must cover boxes inside width x height; pixels no amplifier covers are NO_DATA.
 * @throws AlgorithmError BAD_INPUT, SIZE_MISMATCH
 */
export function assembleDetector(
  raw: readonly RawAmplifier[],
  width: number,
  height: number,
  config: IsrConfig,
  allocator: Allocator = heapAllocator,
): AssembledDetector {
  if (raw.length === 0) throw new AlgorithmError('BAD_INPUT', 'a detector without amplifiers cannot be assembled');
  const exposure = makeExposure(width, height, allocator);
  exposure.mask.fill(MaskBit.NO_DATA);
  exposure.image.fill(0);
  exposure.variance.fill(0);
  const reports: AmplifierReport[] = [];
  // signals above bias in readout order [ADU]
  const signals = raw.map(({ amplifier, pixels, width: rawWidth }) => {
    const { dataSection: data, detectorBox: box } = amplifier;
    if (data.width !== box.width || data.height !== box.height)
      throw new AlgorithmError('SIZE_MISMATCH', `amplifier ${amplifier.name} does not fit its place on the detector`, {
        data,
        box,
      });
    if ((data.y0 + data.height - 1) * rawWidth + data.x0 + data.width > pixels.length)
      throw new AlgorithmError('SIZE_MISMATCH', `amplifier ${amplifier.name}: the raw array is too small`, {
        pixels: pixels.length,
        data,
      });
    const overscan = fitOverscan(pixels, rawWidth, amplifier, config.overscan);
    const signal = new Float32Array(data.width * data.height);
    for (let y = 0; y < data.height; y++) {
      const level = overscan.rows[y]!;
      const from = (data.y0 + y) * rawWidth + data.x0;
      for (let x = 0; x < data.width; x++) signal[y * data.width + x] = pixels[from + x]! - level;
    }
    reports.push({
      name: amplifier.name,
      biasLevel: overscan.level,
      overscanNoise: overscan.noise,
      saturatedPixels: 0,
    });
    return signal;
  });
  const flags = signals.map((signal, a) => {
    const { saturation } = raw[a]!.amplifier;
    const bits = new Int32Array(signal.length);
    let saturated = 0;
    for (let i = 0; i < signal.length; i++) {
      const value = signal[i]!;
      if (!isFiniteNumber(value)) bits[i] = MaskBit.UNMASKEDNAN;
      else if (value >= config.saturationFraction * saturation) {
        bits[i] = MaskBit.SAT;
        saturated++;
      } else if (value >= config.suspectFraction * saturation) bits[i] = MaskBit.SUSPECT;
    }
    reports[a] = { ...reports[a]!, saturatedPixels: saturated };
    return bits;
  });
  if (config.doCrosstalk) {
    const matrix = raw.map(({ amplifier }) => amplifier.crosstalk);
    if (matrix.some((row) => row?.some((c) => c !== 0))) correctCrosstalk(signals, matrix);
  }
  raw.forEach(({ amplifier }, a) => {
    const signal = signals[a]!;
    if (config.doLinearity && amplifier.linearity?.length) linearise(signal, amplifier.linearity);
    paste(signal, flags[a]!, amplifier, exposure);
  });
  return { exposure, amplifiers: reports };
}

/** corrected = s (1 + c1 s + c2 s^2 + ...), s in ADU above bias. */
function linearise(signal: Float32Array, coefficients: readonly number[]): void {
  for (let i = 0; i < signal.length; i++) {
    const s = signal[i]!;
    let factor = 0;
    for (let k = coefficients.length - 1; k >= 0; k--) factor = (factor + coefficients[k]!) * s;
    signal[i] = s * (1 + factor);
  }
}

function paste(signal: Float32Array, bits: Int32Array, amplifier: AmplifierGeometry, exposure: Exposure): void {
  const { width: w, height: h } = amplifier.dataSection;
  const { detectorBox: box, flipX, flipY, gain } = amplifier;
  if (box.x0 < 0 || box.y0 < 0 || box.x0 + w > exposure.width || box.y0 + h > exposure.height)
    throw new AlgorithmError('SIZE_MISMATCH', `amplifier ${amplifier.name} lies outside the detector`, { box });
  const noise = amplifier.readNoise ** 2;
  for (let y = 0; y < h; y++) {
    const row = (box.y0 + (flipY ? h - 1 - y : y)) * exposure.width + box.x0;
    for (let x = 0; x < w; x++) {
      const target = row + (flipX ? w - 1 - x : x);
      exposure.image[target] = signal[y * w + x]! * gain;
      exposure.mask[target] = bits[y * w + x]!;
      exposure.variance[target] = noise;
    }
  }
}
