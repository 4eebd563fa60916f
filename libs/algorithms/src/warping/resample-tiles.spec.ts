import { type Exposure, makeExposure } from '#libs/image';
import type { CoordinateGrid } from './coordinate-grid.js';
import { resampleInTiles } from './resample-tiles.js';

/** The grid of a field turned by a right angle, with a part beyond the source. */
function turned(width: number, height: number, step: number, sourceWidth: number): CoordinateGrid {
  const [columns, rows] = [Math.ceil(width / step) + 1, Math.ceil(height / step) + 1];
  const points = Array.from({ length: columns * rows }, (_, k) => [
    (k % columns) * step,
    Math.floor(k / columns) * step,
  ]);
  return {
    step,
    columns,
    rows,
    sourceX: Float64Array.from(points, ([, y]) => sourceWidth - 10.3 - y!),
    sourceY: Float64Array.from(points, ([x]) => x! - 3.7),
  };
}

describe('resampling in tiles', () => {
  it('gives the same bits however small the tiles are', () => {
    const source = makeExposure(150, 170);
    for (let i = 0; i < source.image.length; i++) {
      source.image[i] = Math.sin(i) * 100;
      source.variance[i] = 2 + Math.cos(i);
      source.mask[i] = 1 << (i % 13);
    }
    const grid = turned(130, 600, 32, 150);
    const results = [Infinity, 200_000, 1].map((bytes): Exposure => {
      const out = makeExposure(130, 600);
      resampleInTiles(source, out, grid, 3, bytes);
      return out;
    });
    const bits = results.map(({ image, variance, mask }) =>
      [image, variance, mask].map(({ buffer }) => Buffer.from(buffer as ArrayBuffer).toString('base64')).join(),
    );
    expect(new Set(bits).size).toBe(1);
    // the target's column 50, row 20 looks at (119.7, 46.3)
    expect(results[0]!.variance[20 * 130 + 50]).toBeLessThan(3);
    expect(results[0]!.variance[300 * 130 + 50]).toBe(Infinity);
  });
});
