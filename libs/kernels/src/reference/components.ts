import type { ComponentOptions, Components } from '../components.js';

/** Connected components in plain TypeScript: runs pixel by pixel, union-find over them. */
export function findComponentsReference({ source, threshold, limit, sign = 1, labels }: ComponentOptions): Components {
  const { width, height, data } = source;
  const runs: number[] = [];
  const parents: number[] = [];
  const rootOf = (run: number): number => {
    let root = run;
    while (parents[root]! !== root) root = parents[root]!;
    while (run !== root) {
      const next = parents[run]!;
      parents[run] = root;
      run = next;
    }
    return root;
  };
  let previous = 0;
  let previousEnd = 0;
  for (let y = 0; y < height; y++) {
    const first = parents.length;
    let above = previous;
    for (let x = 0, p = y * width; x < width; x++, p++) {
      const bound = limit === undefined ? threshold : threshold * limit.data[p]!;
      if (!(sign * data[p]! > bound)) continue;
      const x0 = x;
      while (
        x + 1 < width &&
        sign * data[p + 1]! > (limit === undefined ? threshold : threshold * limit.data[p + 1]!)
      ) {
        x++;
        p++;
      }
      const run = parents.length;
      parents.push(run);
      runs.push(y, x0, x, 0);
      while (above < previousEnd && runs[4 * above + 2]! < x0 - 1) above++;
      for (let k = above; k < previousEnd && runs[4 * k + 1]! <= x + 1; k++) {
        const a = rootOf(k);
        const b = rootOf(run);
        if (a < b) parents[b] = a;
        else parents[a] = b;
      }
    }
    previous = first;
    previousEnd = parents.length;
  }
  let count = 0;
  labels?.data.fill(0);
  for (let run = 0; run < parents.length; run++) {
    const root = rootOf(run);
    const label = root === run ? count++ : runs[4 * root + 3]!;
    runs[4 * run + 3] = label;
    const row = runs[4 * run]! * width;
    labels?.data.fill(label + 1, row + runs[4 * run + 1]!, row + runs[4 * run + 2]! + 1);
  }
  return { count, runs: Int32Array.from(runs) };
}
