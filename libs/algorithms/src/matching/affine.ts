// Affine maps of a plane: x' = a x + b y + c, y' = d x + e y + f.

export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export const applyAffine = (m: Affine, x: number, y: number): { x: number; y: number } => ({
  x: m.a * x + m.b * y + m.c,
  y: m.d * x + m.e * y + m.f,
});

export const rotationAbout = (angle: number, x0: number, y0: number, dx = 0, dy = 0, scale = 1): Affine => {
  const cos = scale * Math.cos(angle);
  const sin = scale * Math.sin(angle);
  return {
    a: cos,
    b: -sin,
    c: x0 - cos * x0 + sin * y0 + dx,
    d: sin,
    e: cos,
    f: y0 - sin * x0 - cos * y0 + dy,
  };
};

/** Least-squares similarity (rotation, scale, shift) that takes points (x, y) to (u, v); undefined for fewer than two points. */
export function fitSimilarity(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  u: ArrayLike<number>,
  v: ArrayLike<number>,
): Affine | undefined {
  const n = x.length;
  if (n < 2) return undefined;
  const mean = (values: ArrayLike<number>): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[i]!;
    return sum / n;
  };
  const [mx, my, mu, mv] = [mean(x), mean(y), mean(u), mean(v)];
  let [dot, cross, norm] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dx, dy, du, dv] = [x[i]! - mx, y[i]! - my, u[i]! - mu, v[i]! - mv];
    dot += dx * du + dy * dv;
    cross += dx * dv - dy * du;
    norm += dx * dx + dy * dy;
  }
  if (!(norm > 0)) return undefined;
  const cos = dot / norm;
  const sin = cross / norm;
  return { a: cos, b: -sin, c: mu - cos * mx + sin * my, d: sin, e: cos, f: mv - sin * mx - cos * my };
}

export const affineScale = (m: Affine): number => Math.sqrt(Math.abs(m.a * m.e - m.b * m.d));
export const affineRotationDeg = (m: Affine): number => (Math.atan2(m.d - m.b, m.a + m.e) * 180) / Math.PI;
