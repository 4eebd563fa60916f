// Significant local maxima by persistence: pixels are visited from the brightest down; where two hills meet, the lower one is a
// peak of its own only if it rises above the meeting level (the saddle) by more than noise and PSF structure explain.
// The score image has unit noise, so the rise is in sigma. O(n log n) in the footprint's pixels, ties by raster order.

import type { Peak, Span } from '#libs/image';

const { abs, floor } = Math;

export interface PeakRule {
  /** least rise above the saddle, in units of the image (sigma) */
  readonly minProminence: number;
  /** and additionally this fraction of the saddle's own level */
  readonly minRelativeProminence: number;
}

/** Peaks inside one set of spans, brightest first. The highest pixel is always one. */
export function findPeaks(image: Float32Array, width: number, spans: readonly Span[], rule: PeakRule): Peak[] {
  let area = 0;
  for (const span of spans) area += span.x1 - span.x0 + 1;
  const pixel = new Int32Array(area);
  let n = 0;
  for (const { y, x0, x1 } of spans) for (let x = x0; x <= x1; x++) pixel[n++] = y * width + x;
  if (area <= 8) {
    let best = pixel[0]!;
    for (let i = 1; i < n; i++) if (image[pixel[i]!]! > image[best]!) best = pixel[i]!;
    return [peakAt(image, width, best)];
  }
  const order = Int32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => image[pixel[b]!]! - image[pixel[a]!]! || a - b,
  );
  const indexOf = new Map<number, number>();
  for (let i = 0; i < n; i++) indexOf.set(pixel[i]!, i);
  const parent = new Int32Array(n).fill(-1);
  const find = (a: number): number => {
    let root = a;
    while (parent[root]! !== root) root = parent[root]!;
    while (parent[a]! !== root) {
      const next = parent[a]!;
      parent[a] = root;
      a = next;
    }
    return root;
  };
  const offsets = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
  const kept: number[] = [];
  // the root of a hill is its summit, since summits are visited first
  for (const i of order) {
    const here = pixel[i]!;
    const x = here % width;
    parent[i] = i;
    let root = -1;
    for (let k = 0; k < 8; k++) {
      if (x === 0 && (k === 0 || k === 3 || k === 5)) continue;
      if (x === width - 1 && (k === 2 || k === 4 || k === 7)) continue;
      const neighbour = indexOf.get(here + offsets[k]!);
      if (neighbour === undefined || parent[neighbour] === -1) continue;
      const other = find(neighbour);
      if (root === -1) root = other;
      else if (other !== root) {
        const otherIsHigher =
          image[pixel[other]!]! > image[pixel[root]!]! ||
          (image[pixel[other]!]! === image[pixel[root]!]! && other < root);
        const [high, low] = otherIsHigher ? [other, root] : [root, other];
        const saddle = image[here]!;
        if (image[pixel[low]!]! - saddle >= rule.minProminence + rule.minRelativeProminence * abs(saddle))
          kept.push(low);
        parent[low] = high;
        root = high;
      }
    }
    if (root !== -1) parent[i] = root;
  }
  const peaks = [peakAt(image, width, pixel[order[0]!]!), ...kept.map((i) => peakAt(image, width, pixel[i]!))];
  // separate components inside the spans (touching only diagonally grown pixels) cannot occur: spans are 8-connected
  return peaks.sort((a, b) => b.value - a.value || a.y - b.y || a.x - b.x);
}

const peakAt = (image: Float32Array, width: number, index: number): Peak => ({
  x: index % width,
  y: floor(index / width),
  value: image[index]!,
});
