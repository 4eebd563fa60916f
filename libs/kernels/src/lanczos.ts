// Lanczos windowed-sinc weights by sub-pixel phase: L_a(x) = sinc(x) sinc(x / a) for |x| < a (Duchon 1979), each phase normalised to unit sum.

export type LanczosOrder = 3 | 4 | 5;

/** floats of one phase: 2 a weights, then zeros */
export const lanczosEntry = (order: LanczosOrder): number => (order === 5 ? 12 : 8);

export function lanczos(order: number, x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= order) return 0;
  const t = Math.PI * x;
  return (order * Math.sin(t) * Math.sin(t / order)) / (t * t);
}

/** `phases` + 1 entries; weight k of phase p belongs to the pixel k - (order - 1) past the whole part of a position, p / phases its fraction. */
export function lanczosTable(order: LanczosOrder, phases: number): Float64Array {
  const entry = lanczosEntry(order);
  const table = new Float64Array((phases + 1) * entry);
  for (let p = 0; p <= phases; p++) {
    let sum = 0;
    for (let k = 0; k < 2 * order; k++) sum += table[p * entry + k] = lanczos(order, k - (order - 1) - p / phases);
    for (let k = 0; k < 2 * order; k++) table[p * entry + k]! /= sum;
  }
  return table;
}
