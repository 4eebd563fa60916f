/** Shape of a distribution of fluxes. G1 and G2 are the small-sample forms (Joanes & Gill 1998). O(n). */

const moments = (values: ArrayLike<number>): { n: number; m2: number; m3: number; m4: number } => {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i]! / n;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  for (let i = 0; i < n; i++) {
    const d = values[i]! - mean;
    m2 += (d * d) / n;
    m3 += (d * d * d) / n;
    m4 += (d * d * d * d) / n;
  }
  return { n, m2, m3, m4 };
};

/** Sample skewness G1; NaN for fewer than three values. */
export function skewness(values: ArrayLike<number>): number {
  const { n, m2, m3 } = moments(values);
  return n < 3 ? NaN : ((m3 / m2 ** 1.5) * Math.sqrt(n * (n - 1))) / (n - 2);
}

/** Sample excess kurtosis G2; NaN for fewer than four values. */
export function excessKurtosis(values: ArrayLike<number>): number {
  const { n, m2, m4 } = moments(values);
  return n < 4 ? NaN : ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * (m4 / (m2 * m2) - 3) + 6);
}
