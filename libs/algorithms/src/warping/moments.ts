// Adaptive moments of a stamp (Bernstein & Jarvis 2002, section 3; Hirata & Seljak 2003): the covariance of the Gaussian
// weight that equals the weighted covariance of the image times two.
import type { FloatPlane } from '#libs/image';

export interface Moments {
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

/** Second moments [px^2] about the middle of the stamp; NaN when the iteration leaves the positive-definite cone. */
export function adaptiveMoments(plane: FloatPlane): Moments {
  const { width, height, data } = plane;
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  let [xx, yy, xy] = [4, 4, 0];
  for (let iteration = 0; iteration < 100; iteration++) {
    const det = xx * yy - xy * xy;
    let [s, sxx, syy, sxy] = [0, 0, 0, 0];
    for (let j = 0; j < height; j++)
      for (let i = 0; i < width; i++) {
        const dx = i - cx;
        const dy = j - cy;
        const r2 = (yy * dx * dx + xx * dy * dy - 2 * xy * dx * dy) / det;
        if (r2 > 30) continue;
        const w = data[j * width + i]! * Math.exp(-0.5 * r2);
        s += w;
        sxx += w * dx * dx;
        syy += w * dy * dy;
        sxy += w * dx * dy;
      }
    const [mxx, myy, mxy] = [sxx / s, syy / s, sxy / s];
    // a Gaussian of covariance C seen through a weight W has covariance (1/C + 1/W)^-1
    const mDet = mxx * myy - mxy * mxy;
    const ixx = myy / mDet - yy / det;
    const iyy = mxx / mDet - xx / det;
    const ixy = -mxy / mDet + xy / det;
    const iDet = ixx * iyy - ixy * ixy;
    const next = { xx: iyy / iDet, yy: ixx / iDet, xy: -ixy / iDet };
    if (!(s > 0) || !(iDet > 0) || !(next.xx > 0)) return { xx: NaN, yy: NaN, xy: NaN };
    const change = Math.abs(next.xx - xx) + Math.abs(next.yy - yy) + Math.abs(next.xy - xy);
    ({ xx, yy, xy } = next);
    if (change < 1e-6 * (xx + yy)) break;
  }
  return { xx, yy, xy };
}
