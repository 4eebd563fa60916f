// The map from target pixels to source pixels, exact on a coarse grid and bilinear in between.
// A WCS costs about a microsecond per point; a grid of 32 px makes it negligible, and the curvature of a tangent-plane or
// SIP mapping over 32 px is below 1e-4 px for survey cameras.
import type { Wcs } from '#libs/sky';

export interface LocalAffine {
  readonly x: number;
  readonly y: number;
  /** d(source x)/d(target x), d(source x)/d(target y), ... */
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
}

export interface CoordinateGrid {
  readonly step: number;
  readonly columns: number;
  readonly rows: number;
  /** source positions of the grid points (target pixel = index * step) */
  readonly sourceX: Float64Array;
  readonly sourceY: Float64Array;
}

/** Source pixel positions for the points of a target grid that covers width x height with one cell to spare. */
export function makeCoordinateGrid(target: Wcs, source: Wcs, width: number, height: number, step = 32): CoordinateGrid {
  const columns = Math.ceil(width / step) + 1;
  const rows = Math.ceil(height / step) + 1;
  const sourceX = new Float64Array(columns * rows);
  const sourceY = new Float64Array(columns * rows);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      sourceX[j * columns + i] = i * step;
      sourceY[j * columns + i] = j * step;
    }
  target.pixelToSkyArrays(sourceX, sourceY, sourceX, sourceY);
  source.skyToPixelArrays(sourceX, sourceY, sourceX, sourceY);
  return { step, columns, rows, sourceX, sourceY };
}

/** Source position and Jacobian at a target position (linear continuation outside the grid). */
export function affineAt(grid: CoordinateGrid, x: number, y: number): LocalAffine {
  const { step, columns, rows, sourceX, sourceY } = grid;
  const i = Math.min(Math.max(Math.floor(x / step), 0), columns - 2);
  const j = Math.min(Math.max(Math.floor(y / step), 0), rows - 2);
  const fx = x / step - i;
  const fy = y / step - j;
  const k = j * columns + i;
  const at = (v: Float64Array): readonly [number, number, number] => {
    const a = v[k]!;
    const b = v[k + 1]!;
    const c = v[k + columns]!;
    const d = v[k + columns + 1]!;
    return [
      (a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy,
      ((b - a) * (1 - fy) + (d - c) * fy) / step,
      ((c - a) * (1 - fx) + (d - b) * fx) / step,
    ];
  };
  const [sx, xx, xy] = at(sourceX);
  const [sy, yx, yy] = at(sourceY);
  return { x: sx, y: sy, xx, xy, yx, yy };
}
