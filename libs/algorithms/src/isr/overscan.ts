// Bias level from the overscan: pixels clocked out after the last real one carry the electronics' level and read noise only.
// Counts [ADU]. Per row: clipped median of the row's overscan, averaged over a few rows; trails of bright stars and cosmic rays,
// which stand out from the amplifier's level, are left out first (else they bias the rows behind bright stars).

import type { Box } from '#libs/image';
import { AlgorithmError } from '../errors.js';
import { isFiniteNumber, clippedStatistics, medianInPlace } from '../numeric/index.js';
import type { OverscanConfig } from './config.js';

const { abs, max, min } = Math;

export type RawPixels = Uint16Array | Int32Array | Float32Array;

export interface OverscanFit {
  /** the level of the amplifier [ADU] */
  readonly level: number;
  /** scatter of the overscan pixels: the read noise [ADU] */
  readonly noise: number;
  /** level of every data row [ADU] */
  readonly rows: Float64Array;
}

/**
 * Fits the bias level of one amplifier; without an overscan section the camera's own
 * level (0 when that is not known either; the background takes the pedestal out later, the variance is then too high).
 * @throws AlgorithmError NO_GOOD_PIXELS when the skipped columns leave none
 */
export function fitOverscan(
  raw: RawPixels,
  rawWidth: number,
  amplifier: {
    readonly name: string;
    readonly dataSection: Box;
    readonly biasSection?: Box;
    readonly biasLevel?: number;
  },
  config: OverscanConfig,
): OverscanFit {
  const data = amplifier.dataSection;
  const bias = amplifier.biasSection;
  if (config.fit === 'none') return { level: 0, noise: NaN, rows: new Float64Array(data.height) };
  if (!bias) {
    const level = amplifier.biasLevel ?? 0;
    return { level, noise: NaN, rows: new Float64Array(data.height).fill(level) };
  }
  const x0 = bias.x0 + config.skipLeading;
  const x1 = bias.x0 + bias.width - config.skipTrailing;
  if (x1 <= x0)
    throw new AlgorithmError('NO_GOOD_PIXELS', `amplifier ${amplifier.name}: no overscan column is left`, {
      columns: bias.width,
      skipLeading: config.skipLeading,
      skipTrailing: config.skipTrailing,
    });
  const all = new Float32Array((x1 - x0) * bias.height);
  let n = 0;
  for (let y = bias.y0; y < bias.y0 + bias.height; y++)
    for (let x = x0; x < x1; x++) {
      const value = raw[y * rawWidth + x]!;
      if (isFiniteNumber(value)) all[n++] = value;
    }
  if (n === 0)
    throw new AlgorithmError('NO_GOOD_PIXELS', `amplifier ${amplifier.name}: its overscan has no finite pixel`, {});
  const whole = clippedStatistics(all, n, config.clipSigma, 5);
  const rows = new Float64Array(data.height).fill(whole.median);
  if (config.fit === 'constant') return { level: whole.mean, noise: whole.sigma, rows: rows.fill(whole.mean) };
  // drift along the columns can exceed the noise: the reference for the clip is a running level, not the global one
  const line = new Float32Array(x1 - x0);
  const level = new Float64Array(data.height).fill(NaN);
  const spread = max(whole.sigma, 0.5);
  for (let j = 0; j < data.height; j++) {
    const y = data.y0 + j;
    if (y < bias.y0 || y >= bias.y0 + bias.height) continue;
    let count = 0;
    for (let x = x0; x < x1; x++) {
      const value = raw[y * rawWidth + x]!;
      if (isFiniteNumber(value) && abs(value - whole.median) <= 3 * config.clipSigma * spread) line[count++] = value;
    }
    if (count < 3) continue;
    const middle = medianInPlace(line, count);
    let sum = 0;
    let kept = 0;
    for (let i = 0; i < count; i++)
      if (abs(line[i]! - middle) <= config.clipSigma * spread) {
        sum += line[i]!;
        kept++;
      }
    level[j] = kept > 0 ? sum / kept : middle;
  }
  // a running mean of the known rows; rows without overscan take the nearest known level, else the amplifier's
  for (let j = 0; j < data.height; j++) {
    let sum = 0;
    let count = 0;
    const reach = min(config.smoothRows, j, data.height - 1 - j);
    for (let k = j - reach; k <= j + reach; k++)
      if (!Number.isNaN(level[k]!)) {
        sum += level[k]!;
        count++;
      }
    if (count > 0) rows[j] = sum / count;
  }
  // read noise about the rows' levels, free of their drift
  let left = 0;
  for (let j = 0; j < data.height; j++) {
    const y = data.y0 + j;
    if (y < bias.y0 || y >= bias.y0 + bias.height) continue;
    for (let x = x0; x < x1; x++) {
      const value = raw[y * rawWidth + x]!;
      if (isFiniteNumber(value)) all[left++] = value - rows[j]!;
    }
  }
  return { level: whole.median, noise: clippedStatistics(all, left, config.clipSigma, 5).sigma, rows };
}
