// Two-dimensional polynomials on an image: terms x^i y^j, i + j <= degree, in coordinates scaled to [-1, 1] over the image.

export const polynomialTermCount = (degree: number): number => ((degree + 1) * (degree + 2)) / 2;

/** Terms in the order 1, x, y, x^2, xy, y^2, ... of the position (x, y) [px] in an image of the given size. */
export function polynomialTerms(
  degree: number,
  x: number,
  y: number,
  width: number,
  height: number,
  terms: Float64Array = new Float64Array(polynomialTermCount(degree)),
): Float64Array {
  const u = width > 1 ? (2 * x) / (width - 1) - 1 : 0;
  const v = height > 1 ? (2 * y) / (height - 1) - 1 : 0;
  let index = 0;
  for (let order = 0; order <= degree; order++)
    for (let j = 0; j <= order; j++) terms[index++] = u ** (order - j) * v ** j;
  return terms;
}
