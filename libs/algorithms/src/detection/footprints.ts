// Footprints from a bitmap: horizontal runs joined by union-find (8-connected), and isotropic growth by a disc.
// Labels are numbered in raster order of their first pixel, so the result never depends on anything but the pixels. O(runs).

import type { Span } from '#libs/image';

const { abs, floor, max, min, sqrt } = Math;

export interface LabelledSpans {
  /** spans of each component, sorted by row then column */
  readonly components: readonly (readonly Span[])[];
  /** component number + 1 of each pixel, 0 outside */
  readonly labels: Int32Array;
}

/** Connected components (8-neighbours) of the non-zero pixels. */
export function labelComponents(bitmap: Uint8Array, width: number, height: number): LabelledSpans {
  const runY: number[] = [];
  const runX0: number[] = [];
  const runX1: number[] = [];
  const parent: number[] = [];
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
  let previousStart = 0;
  let previousEnd = 0;
  for (let y = 0; y < height; y++) {
    const start = runY.length;
    const o = y * width;
    let above = previousStart;
    for (let x = 0; x < width; x++) {
      if (bitmap[o + x] === 0) continue;
      const x0 = x;
      while (x + 1 < width && bitmap[o + x + 1] !== 0) x++;
      const run = runY.length;
      runY.push(y);
      runX0.push(x0);
      runX1.push(x);
      parent.push(run);
      while (above < previousEnd && runX1[above]! < x0 - 1) above++;
      for (let k = above; k < previousEnd && runX0[k]! <= x + 1; k++) {
        const a = find(k);
        const b = find(run);
        if (a < b) parent[b] = a;
        else parent[a] = b;
      }
    }
    previousStart = start;
    previousEnd = runY.length;
  }
  const number = new Int32Array(runY.length).fill(-1);
  const components: Span[][] = [];
  const labels = new Int32Array(width * height);
  for (let run = 0; run < runY.length; run++) {
    const root = find(run);
    if (number[root] === -1) {
      number[root] = components.length;
      components.push([]);
    }
    const label = number[root]!;
    const span = { y: runY[run]!, x0: runX0[run]!, x1: runX1[run]! };
    components[label]!.push(span);
    labels.fill(label + 1, span.y * width + span.x0, span.y * width + span.x1 + 1);
  }
  return { components, labels };
}

/** Paints spans grown by a disc of the given radius [px] into a new bitmap. */
export function growSpans(
  components: readonly (readonly Span[])[],
  width: number,
  height: number,
  radius: number,
): Uint8Array {
  const reach = floor(radius);
  const half = Array.from({ length: reach + 1 }, (_, dy) => floor(sqrt(radius * radius - dy * dy)));
  // +1 where a grown span begins, -1 after it ends; a running sum per row gives the union
  const edges = new Int16Array((width + 1) * height);
  for (const spans of components)
    for (const { y, x0, x1 } of spans)
      for (let dy = -reach; dy <= reach; dy++) {
        const row = y + dy;
        if (row < 0 || row >= height) continue;
        const w = half[abs(dy)]!;
        edges[row * (width + 1) + max(0, x0 - w)]!++;
        edges[row * (width + 1) + min(width, x1 + w + 1)]!--;
      }
  const bitmap = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    let depth = 0;
    for (let x = 0; x < width; x++) {
      depth += edges[y * (width + 1) + x]!;
      if (depth > 0) bitmap[y * width + x] = 1;
    }
  }
  return bitmap;
}
