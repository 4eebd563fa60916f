import { checkStack, type StackOptions, type StackTarget } from '../stack.js';

/** Stacks in plain TypeScript: the samples of a pixel are gathered, sorted by insertion and combined in Float64. */
export function stackPlanesReference(options: StackOptions, target: StackTarget): void {
  checkStack(options, target);
  const { planes, variances, masks, badBits = -1, weights, inverseVariance = false, method } = options;
  const { clipBy = 'scatter', nSigma = 3, iterations = 5 } = options;
  const n = planes.length;
  const data = planes.map((plane) => plane.data);
  const noise = variances?.map((plane) => plane.data);
  const bits = masks?.map((plane) => plane.data);
  const sorted = new Float32Array(n);
  const valid = new Uint8Array(n);
  const pixels = target.image.width * target.image.height;
  for (let p = 0; p < pixels; p++) {
    let m = 0;
    for (let k = 0; k < n; k++) {
      const value = data[k]![p]!;
      const good =
        value - value === 0 &&
        (bits === undefined || (bits[k]![p]! & badBits) === 0) &&
        (noise === undefined || (noise[k]![p]! > 0 && noise[k]![p]! < Infinity));
      valid[k] = good ? 1 : 0;
      if (!good) continue;
      let i = m++;
      if (method !== 'mean')
        while (i > 0 && sorted[i - 1]! > value) {
          sorted[i] = sorted[i - 1]!;
          i--;
        }
      sorted[i] = value;
    }
    let low = -Infinity;
    let high = Infinity;
    let centre = method === 'mean' || m === 0 ? 0 : medianOf(sorted, 0, m);
    if (method === 'clippedMean' && clipBy === 'scatter') {
      let first = 0;
      let end = m;
      for (let pass = 0; pass < iterations && end > first; pass++) {
        let sum = 0;
        let squares = 0;
        for (let i = first; i < end; i++) {
          const d = sorted[i]! - centre;
          sum += d;
          squares += d * d;
        }
        const mean = sum / (end - first);
        const reach = nSigma * Math.sqrt(Math.max(0, squares / (end - first) - mean * mean));
        low = Math.max(low, centre - reach);
        high = Math.min(high, centre + reach);
        const before = end - first;
        while (first < end && sorted[first]! < low) first++;
        while (end > first && sorted[end - 1]! > high) end--;
        if (end - first === before) break;
        if (end > first) centre = medianOf(sorted, first, end - first);
      }
    }
    let weightSum = 0;
    let sum = 0;
    let spread = 0;
    let count = 0;
    for (let k = 0; k < n; k++) {
      if (valid[k] === 0) continue;
      const value = data[k]![p]!;
      const variance = noise === undefined ? 1 : noise[k]![p]!;
      if (value < low || value > high) continue;
      if (method === 'clippedMean' && clipBy === 'variance' && (value - centre) ** 2 > nSigma * nSigma * variance)
        continue;
      const weight = (weights === undefined ? 1 : weights[k]!) / (inverseVariance ? variance : 1);
      weightSum += weight;
      sum += weight * value;
      spread += weight * weight * variance;
      count++;
    }
    const scale = method === 'median' && count > 2 ? Math.PI / 2 : 1;
    target.image.data[p] = count === 0 ? NaN : method === 'median' ? centre : sum / weightSum;
    if (target.variance) target.variance.data[p] = count === 0 ? Infinity : (scale * spread) / (weightSum * weightSum);
    if (target.count) target.count.data[p] = count;
  }
}

function medianOf(sorted: Float32Array, first: number, count: number): number {
  const high = sorted[first + (count >> 1)]!;
  if (count % 2 === 1) return high;
  return Math.fround(0.5 * Math.fround(sorted[first + (count >> 1) - 1]! + high));
}
