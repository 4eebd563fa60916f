// A weighted mean of aligned exposures with outlier clipping, one exposure in memory at a time.
// value = sum w x / sum w, variance = sum w^2 V / (sum w)^2. Besides the sums every pixel remembers its highest and lowest
// value; at the end each is held against the mean of the others and dropped when
// |x - mean| > nSigma sqrt(V_x + V_mean) + amplitude |mean|
// (the criterion of SWarp's CLIPPED mode, Gruen, Seitz & Bernstein 2014: the amplitude term spares star cores whose PSF
// differs between exposures). At most one high and one low value per pixel are clipped: cosmic rays, satellites and moving
// objects hit a pixel once. Memory: 12 planes, whatever the number of inputs.
import { type Allocator, type Exposure, heapAllocator, makeExposure, MaskBit } from '#libs/image';
import { AlgorithmError } from '../errors.js';
import { medianInPlace } from '../numeric/index.js';

export interface StackConfig {
  readonly clipSigma: number;
  /** tolerated relative difference from the mean of the other inputs */
  readonly clipAmplitude: number;
  /** clipping needs at least this many values in a pixel */
  readonly clipMinInputs: number;
  /** pixels with any of these bits do not take part */
  readonly badMask: number;
}
export const DEFAULT_STACK: StackConfig = {
  clipSigma: 4,
  clipAmplitude: 0.3,
  clipMinInputs: 3,
  badMask: MaskBit.BAD | MaskBit.CR | MaskBit.NO_DATA | MaskBit.EDGE | MaskBit.UNMASKEDNAN | MaskBit.STREAK,
};

export class StackAccumulator {
  readonly #config: StackConfig;
  readonly #count: Uint16Array;
  readonly #excluded: Uint16Array;
  readonly #weight: Float64Array;
  readonly #sum: Float64Array;
  readonly #spread: Float64Array;
  readonly #bits: Int32Array;
  readonly #high: Float32Array;
  readonly #highWeight: Float32Array;
  readonly #highVariance: Float32Array;
  readonly #low: Float32Array;
  readonly #lowWeight: Float32Array;
  readonly #lowVariance: Float32Array;
  #inputs = 0;

  constructor(
    readonly width: number,
    readonly height: number,
    config: Partial<StackConfig> = {},
    allocator: Allocator = heapAllocator,
  ) {
    const n = width * height;
    this.#config = { ...DEFAULT_STACK, ...config };
    this.#count = new Uint16Array(n);
    this.#excluded = new Uint16Array(n);
    this.#weight = allocator.float64(n);
    this.#sum = allocator.float64(n);
    this.#spread = allocator.float64(n);
    this.#bits = allocator.int32(n);
    this.#high = allocator.float32(n);
    this.#highWeight = allocator.float32(n);
    this.#highVariance = allocator.float32(n);
    this.#low = allocator.float32(n);
    this.#lowWeight = allocator.float32(n);
    this.#lowVariance = allocator.float32(n);
  }

  get inputs(): number {
    return this.#inputs;
  }

  /** Adds an exposure with one weight for all its pixels; `scale` multiplies its values first. */
  add(exposure: Exposure, weight: number, scale = 1): void {
    if (exposure.width !== this.width || exposure.height !== this.height)
      throw new AlgorithmError('SIZE_MISMATCH', 'stacked exposures must share one pixel grid', {
        stack: [this.width, this.height],
        exposure: [exposure.width, exposure.height],
      });
    if (!(weight > 0 && weight < Infinity))
      throw new AlgorithmError('BAD_INPUT', `the weight of an exposure must be positive, not ${weight}`);
    this.#inputs++;
    const { image, variance, mask } = exposure;
    const bad = this.#config.badMask;
    for (let p = 0; p < image.length; p++) {
      const bits = mask[p]!;
      const value = image[p]! * scale;
      const noise = variance[p]! * scale * scale;
      if ((bits & bad) !== 0 || value - value !== 0 || !(noise < Infinity)) {
        if ((bits & MaskBit.NO_DATA) === 0) this.#excluded[p]!++;
        continue;
      }
      this.#weight[p]! += weight;
      this.#sum[p]! += weight * value;
      this.#spread[p]! += weight * weight * noise;
      this.#bits[p]! |= bits;
      const first = this.#count[p]!++ === 0;
      if (first || value > this.#high[p]!) {
        this.#high[p] = value;
        this.#highWeight[p] = weight;
        this.#highVariance[p] = noise;
      }
      if (first || value < this.#low[p]!) {
        this.#low[p] = value;
        this.#lowWeight[p] = weight;
        this.#lowVariance[p] = noise;
      }
    }
  }

  /** The stack. Pixels nothing reached are 0 with infinite variance and NO_DATA. */
  finish(allocator: Allocator = heapAllocator): Exposure {
    const out = makeExposure(this.width, this.height, allocator);
    const kept = ~(MaskBit.DETECTED | MaskBit.DETECTED_NEGATIVE);
    for (let p = 0; p < out.image.length; p++) {
      if (this.#count[p] === 0) {
        out.variance[p] = Infinity;
        out.mask[p] = MaskBit.NO_DATA;
        continue;
      }
      let weight = this.#weight[p]!;
      let sum = this.#sum[p]!;
      let spread = this.#spread[p]!;
      let bits = this.#bits[p]! & kept;
      if (this.#count[p]! >= this.#config.clipMinInputs) {
        // the worse of the two first; the other is judged without it
        const highFirst =
          this.#excess(p, this.#high, this.#highWeight, this.#highVariance, weight, sum, spread) >=
          this.#excess(p, this.#low, this.#lowWeight, this.#lowVariance, weight, sum, spread);
        let clipped = 0;
        for (const high of [highFirst, !highFirst]) {
          const values = high ? this.#high : this.#low;
          const weights = high ? this.#highWeight : this.#lowWeight;
          const variances = high ? this.#highVariance : this.#lowVariance;
          if (this.#excess(p, values, weights, variances, weight, sum, spread) <= 0) break;
          const w = weights[p]!;
          weight -= w;
          sum -= w * values[p]!;
          spread -= w * w * variances[p]!;
          clipped++;
          if (this.#count[p]! - clipped < this.#config.clipMinInputs) break;
        }
        if (clipped > 0) bits |= MaskBit.CLIPPED | MaskBit.INEXACT_PSF;
      }
      if (this.#excluded[p]! > 0) bits |= MaskBit.INEXACT_PSF;
      out.image[p] = sum / weight;
      out.variance[p] = spread / (weight * weight);
      out.mask[p] = bits;
    }
    return out;
  }

  /** How far an extreme value lies beyond the clipping limit, given the sums that still contain it. */
  #excess(
    p: number,
    values: Float32Array,
    weights: Float32Array,
    variances: Float32Array,
    weight: number,
    sum: number,
    spread: number,
  ): number {
    const w = weights[p]!;
    const rest = weight - w;
    if (!(rest > 0)) return -Infinity;
    const mean = (sum - w * values[p]!) / rest;
    const meanVariance = Math.max(spread - w * w * variances[p]!, 0) / (rest * rest);
    return (
      Math.abs(values[p]! - mean) -
      this.#config.clipSigma * Math.sqrt(variances[p]! + meanVariance) -
      this.#config.clipAmplitude * Math.abs(mean)
    );
  }
}

/** Weight of an exposure in a stack: the inverse of its typical (median) variance; 0 when no pixel is usable. */
export function stackWeight(exposure: Exposure, badMask: number = DEFAULT_STACK.badMask): number {
  const { variance, mask } = exposure;
  const sample: number[] = [];
  for (let p = 0; p < variance.length; p += 7)
    if ((mask[p]! & badMask) === 0 && variance[p]! > 0 && variance[p]! < Infinity) sample.push(variance[p]!);
  return sample.length > 0 ? 1 / medianInPlace(Float64Array.from(sample)) : 0;
}
