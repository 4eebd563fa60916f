// Lanczos resampling of image, variance and mask, staged in tiles of the target with the rows of the source that they need.
// A tile that would need too much of a large source (a field turned by a right angle) is divided along its rows.
import { type Exposure, MaskBit } from '#libs/image';
import { type LanczosOrder, resample } from '#libs/kernels';
import { STAGING_BYTES, withStagedPlanes } from '../numeric/pixel-kernels.js';
import type { CoordinateGrid } from './coordinate-grid.js';
import { LANCZOS_PHASES } from './lanczos.js';

/** rows of a tile, about */
const TILE_ROWS = 512;
/** image, variance, mask, and the mask spread over the taps */
const BYTES_PER_SOURCE_PIXEL = 16;

/** Fills `out`; a tile stages at most `sourceBytes` of the source: pixels whose taps leave the source are 0 with infinite variance and NO_DATA. */
export function resampleInTiles(
  source: Exposure,
  out: Exposure,
  grid: CoordinateGrid,
  order: number,
  sourceBytes = STAGING_BYTES / 2,
): void {
  const rows = Math.max(1, Math.floor(TILE_ROWS / grid.step)) * grid.step;
  for (let y0 = 0; y0 < out.height; y0 += rows)
    resampleTile(source, out, grid, order, 0, out.width, y0, Math.min(out.height, y0 + rows), sourceBytes);
}

/** One tile; x0 and y0 lie on points of the grid. */
function resampleTile(
  source: Exposure,
  out: Exposure,
  grid: CoordinateGrid,
  order: number,
  x0: number,
  x1: number,
  y0: number,
  y1: number,
  sourceBytes: number,
): void {
  const [width, height] = [x1 - x0, y1 - y0];
  const part = partOf(grid, x0, y0, width, height);
  const [from, to] = sourceRows(part.sourceY, order, source.height);
  if ((to - from) * source.width * BYTES_PER_SOURCE_PIXEL > sourceBytes && width > grid.step) {
    const middle = x0 + Math.ceil(width / 2 / grid.step) * grid.step;
    resampleTile(source, out, grid, order, x0, middle, y0, y1, sourceBytes);
    resampleTile(source, out, grid, order, middle, x1, y0, y1, sourceBytes);
    return;
  }
  for (let k = 0; k < part.sourceY.length; k++) part.sourceY[k]! -= from;
  const size = { width: source.width, height: to - from };
  const rowsOf = <T extends Float32Array | Int32Array>(data: T): T =>
    data.subarray(from * source.width, to * source.width) as T;
  withStagedPlanes((kernels) => {
    const target = {
      image: kernels.plane(width, height),
      variance: kernels.plane(width, height),
      mask: { width, height, data: kernels.allocator.int32(width * height) },
    };
    const planes = {
      image: { ...size, data: rowsOf(source.image) },
      variance: { ...size, data: rowsOf(source.variance) },
      mask: { ...size, data: rowsOf(source.mask) },
    };
    kernels.run(
      resample({
        source: planes,
        target,
        grid: part,
        order: order as LanczosOrder, // checked there
        phases: LANCZOS_PHASES,
        conserveFlux: true,
        fill: 0,
        outsideBits: MaskBit.NO_DATA,
        badBits: MaskBit.NO_DATA | MaskBit.UNMASKEDNAN,
      }),
    );
    for (let y = 0; y < height; y++) {
      const [row, end, at] = [y * width, (y + 1) * width, (y0 + y) * out.width + x0];
      out.image.set(target.image.data.subarray(row, end), at);
      out.variance.set(target.variance.data.subarray(row, end), at);
      out.mask.set(target.mask.data.subarray(row, end), at);
    }
  });
}

/** The points of a grid around a tile, with coordinates counted from the tile. */
function partOf(grid: CoordinateGrid, x0: number, y0: number, width: number, height: number): CoordinateGrid {
  const { step } = grid;
  const columns = Math.ceil(width / step) + 1;
  const rows = Math.ceil(height / step) + 1;
  const take = (values: Float64Array): Float64Array => {
    const taken = new Float64Array(columns * rows);
    for (let j = 0; j < rows; j++) {
      const start = (y0 / step + j) * grid.columns + x0 / step;
      taken.set(values.subarray(start, start + columns), j * columns);
    }
    return taken;
  };
  return { step, columns, rows, sourceX: take(grid.sourceX), sourceY: take(grid.sourceY) };
}

/** First and end row that taps between the points can touch; equal where there is none. */
function sourceRows(sourceY: Float64Array, order: number, height: number): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const y of sourceY) {
    if (y < low) low = y;
    if (y > high) high = y;
  }
  const from = Math.min(Math.max(Math.floor(low) - order, 0), height);
  const to = Math.min(Math.max(Math.floor(high) + order + 2, from), height);
  return Number.isNaN(from) || Number.isNaN(to) || !(to > from) ? [0, 0] : [from, to];
}
