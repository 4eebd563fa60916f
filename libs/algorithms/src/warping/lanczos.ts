// Lanczos windowed-sinc weights, tabulated.
// L_a(x) = sinc(x) sinc(x/a) for |x| < a (Duchon 1979; Turkowski 1990). Each phase is normalised to unit sum, so that a
// constant image stays constant. Cost of a table: (phases + 1) x 2a evaluations of sin.

/** Sub-pixel phases per pixel: position error <= 1/2048 px, below 1e-3 of a pixel value difference. */
export const LANCZOS_PHASES = 1024;

export function lanczos(order: number, x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= order) return 0;
  const t = Math.PI * x;
  return (order * Math.sin(t) * Math.sin(t / order)) / (t * t);
}

/** The 2 * order weights for a position `fraction` (0..1) past the tap with index order - 1, summing to 1. */
export function lanczosWeights(order: number, fraction: number, out: Float64Array, offset = 0): void {
  const taps = 2 * order;
  let sum = 0;
  for (let k = 0; k < taps; k++) {
    const w = lanczos(order, k - (order - 1) - fraction);
    out[offset + k] = w;
    sum += w;
  }
  for (let k = 0; k < taps; k++) out[offset + k] = out[offset + k]! / sum;
}

const tables = new Map<number, Float64Array>();

/** Weights of every phase: row p (2 * order values) belongs to the fraction p / LANCZOS_PHASES. */
export function lanczosTable(order: number): Float64Array {
  let table = tables.get(order);
  if (!table) {
    table = new Float64Array((LANCZOS_PHASES + 1) * 2 * order);
    for (let p = 0; p <= LANCZOS_PHASES; p++) lanczosWeights(order, p / LANCZOS_PHASES, table, p * 2 * order);
    tables.set(order, table);
  }
  return table;
}

/** Value of a plane at a fractional position; pixels outside count as zero. */
export function lanczosValue(
  data: ArrayLike<number>,
  width: number,
  height: number,
  x: number,
  y: number,
  order = 3,
): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const table = lanczosTable(order);
  const taps = 2 * order;
  const px = Math.round((x - ix) * LANCZOS_PHASES) * taps;
  const py = Math.round((y - iy) * LANCZOS_PHASES) * taps;
  let sum = 0;
  for (let j = 0; j < taps; j++) {
    const yy = iy - order + 1 + j;
    if (yy < 0 || yy >= height) continue;
    let row = 0;
    for (let i = 0; i < taps; i++) {
      const xx = ix - order + 1 + i;
      if (xx >= 0 && xx < width) row += table[px + i]! * data[yy * width + xx]!;
    }
    sum += table[py + j]! * row;
  }
  return sum;
}
