// Peak position from three pixels either way on a smoothed image, with the quartic correction of the SDSS photo pipeline
// (Lupton; Pier et al. 2003, AJ 125, 1559). Good to a few hundredths of a pixel: the start of the PSF fit.

/** Position of the maximum near the local maximum pixel (x, y) of a smooth image; the pixel itself at edges or on flat tops. */
export function quarticPeak(
  image: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
): { readonly x: number; readonly y: number } {
  if (x < 1 || y < 1 || x > width - 2 || y > height - 2) return { x, y };
  const at = (i: number, j: number): number => image[(y + j) * width + x + i]!;
  const sx = 0.5 * (at(1, 0) - at(-1, 0));
  const sy = 0.5 * (at(0, 1) - at(0, -1));
  const dx = 2 * at(0, 0) - at(-1, 0) - at(1, 0);
  const dy = 2 * at(0, 0) - at(0, -1) - at(0, 1);
  if (!(dx > 0) || !(dy > 0)) return { x, y };
  const simple = { x: sx / dx, y: sy / dy };
  const rows = [-1, 0, 1].map((j) => stripe(at(-1, j), at(0, j), at(1, j)));
  const columns = [-1, 0, 1].map((i) => stripe(at(i, -1), at(i, 0), at(i, 1)));
  const [m0, m1, m2] = rows as [number, number, number];
  const [n0, n1, n2] = columns as [number, number, number];
  let px = simple.x;
  let py = simple.y;
  if (rows.every(Number.isFinite) && columns.every(Number.isFinite)) {
    const smx = 0.5 * (m2 - m0);
    const dmx = m1 - 0.5 * (m0 + m2);
    const smy = 0.5 * (n2 - n0);
    const dmy = n1 - 0.5 * (n0 + n2);
    const firstX = m1 + simple.y * (smx - simple.y * dmx);
    const firstY = n1 + simple.x * (smy - simple.x * dmy);
    px = m1 + firstY * (smx - firstY * dmx);
    py = n1 + firstX * (smy - firstX * dmy);
  }
  return Math.abs(px) <= 1 && Math.abs(py) <= 1 ? { x: x + px, y: y + py } : { x, y };
}

/** Maximum of three equidistant values, quartic-corrected; NaN when they have none. */
function stripe(low: number, middle: number, high: number): number {
  const s = 0.5 * (high - low);
  const d = 2 * middle - low - high;
  if (!(d > 0) || !(middle > 0)) return NaN;
  const result = (s / d) * (1 + (1.33 * (middle - high) * (middle - low)) / (d * middle));
  return Math.abs(result) < 1 ? result : NaN;
}
