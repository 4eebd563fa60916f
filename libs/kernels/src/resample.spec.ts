import { KernelContext, resample, resampleReference, type LanczosOrder, type PositionGrid } from './index.js';
import { noise, same, sky, uniform, worst } from './testing/images.js';

const kernels = new KernelContext({ maximumBytes: 2 ** 26 });

/** The grid of a mapping of target pixels to source pixels. */
function gridOf(
  width: number,
  height: number,
  step: number,
  map: (x: number, y: number) => readonly [number, number],
): PositionGrid {
  const columns = Math.ceil(width / step) + 1;
  const rows = Math.ceil(height / step) + 1;
  const points = Array.from({ length: columns * rows }, (_, k) =>
    map((k % columns) * step, Math.floor(k / columns) * step),
  );
  return {
    step,
    columns,
    rows,
    sourceX: Float64Array.from(points, ([x]) => x),
    sourceY: Float64Array.from(points, ([, y]) => y),
  };
}
const rotation = (x: number, y: number): readonly [number, number] => [
  7.3 + 1.02 * x - 0.11 * y,
  -3.6 + 0.1 * x + 0.98 * y,
];
const exposure = (width: number, height: number) => ({
  image: kernels.plane(width, height),
  variance: kernels.plane(width, height),
  mask: { width, height, data: kernels.allocator.int32(width * height) },
});

describe('Lanczos resampling', () => {
  it.each([3, 4, 5] as const)('of order %i agrees with the reference: image, variance and mask', (order) => {
    for (const [width, height, outWidth, outHeight] of [
      [150, 131, 170, 140],
      [64, 64, 67, 3],
      [11, 12, 13, 9],
      [1, 1, 1, 1],
      [5, 5, 20, 20],
    ] as const) {
      const source = exposure(width, height);
      source.image.data.set(sky(width, height, 3, 6));
      source.variance.data.set(noise(width * height, 4, 900, 20));
      const next = uniform(3);
      source.mask.data.set(Int32Array.from({ length: width * height }, () => 2 ** Math.floor(next() * 8)));
      const options = {
        source,
        grid: gridOf(outWidth, outHeight, 32, rotation),
        order: order as LanczosOrder,
        conserveFlux: true,
        fill: -1,
        outsideBits: 1024,
        badBits: 2048,
      };
      const [found, expected] = [exposure(outWidth, outHeight), exposure(outWidth, outHeight)];
      kernels.run(resample({ ...options, target: found }));
      resampleReference({ ...options, target: expected });
      expect(worst(found.image.data, expected.image.data, 1000)).toBeLessThan(1e-5);
      expect(worst(found.variance.data, expected.variance.data, 900)).toBeLessThan(1e-5);
      expect(same(found.mask.data, expected.mask.data)).toBe(true);
      const plain = { image: kernels.plane(outWidth, outHeight) };
      const plainExpected = { image: kernels.plane(outWidth, outHeight) };
      const imageOnly = { source: { image: source.image }, grid: options.grid, order: options.order };
      kernels.run(resample({ ...imageOnly, target: plain }));
      resampleReference({ ...imageOnly, target: plainExpected });
      expect(worst(plain.image.data, plainExpected.image.data, 1000)).toBeLessThan(1e-5);
    }
  });

  it('reproduces a band-limited image shifted by a fraction of a pixel', () => {
    const side = 120;
    // five pixels per radian: far below the Nyquist frequency, where Lanczos-5 is good to a few 1e-4
    const wave = (x: number, y: number): number => Math.sin(x / 5) * Math.cos(y / 6);
    const source = kernels.plane(side, side);
    for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) source.data[y * side + x] = wave(x, y);
    const target = kernels.plane(side - 20, side - 20);
    const grid = gridOf(side - 20, side - 20, 16, (x, y) => [x + 8.37, y + 9.81]);
    kernels.run(resample({ source: { image: source }, target: { image: target }, grid, order: 5 }));
    let largest = 0;
    for (let y = 0; y < side - 20; y++)
      for (let x = 0; x < side - 20; x++)
        largest = Math.max(largest, Math.abs(target.data[y * (side - 20) + x]! - wave(x + 8.37, y + 9.81)));
    expect(largest).toBeLessThan(2e-3);
    expect(largest).toBeGreaterThan(0);
  });

  it('returns the very pixels at whole-pixel positions, and keeps a constant image', () => {
    const source = kernels.plane(80, 80);
    source.data.set(noise(6400, 2));
    const target = kernels.plane(40, 40);
    const grid = gridOf(40, 40, 8, (x, y) => [x + 10, y + 20]);
    kernels.run(resample({ source: { image: source }, target: { image: target }, grid }));
    for (const [x, y] of [
      [0, 0],
      [39, 39],
      [17, 3],
    ] as const)
      expect(target.data[y * 40 + x]).toBeCloseTo(source.data[(y + 20) * 80 + x + 10]!, 5);
    source.data.fill(100);
    kernels.run(
      resample({
        source: { image: source },
        target: { image: target },
        grid: gridOf(40, 40, 8, (x, y) => [x + 10.4, y + 20.7]),
      }),
    );
    expect(worst(target.data, new Float32Array(1600).fill(100), 100)).toBeLessThan(1e-6);
  });

  it('is spoilt by a bad pixel only where a tap touches it, and gives no value off the source or off the sky', () => {
    const source = kernels.plane(64, 64);
    source.data[30 * 64 + 30] = NaN;
    const target = kernels.plane(64, 64);
    const grid = gridOf(64, 64, 64, (x, y) => [x + 0.5, y + 0.5]);
    kernels.run(resample({ source: { image: source }, target: { image: target }, grid }));
    for (let y = 0; y < 64; y++)
      for (let x = 0; x < 64; x++) {
        const outside = x < 2 || y < 2 || x > 60 || y > 60;
        const touched = x >= 27 && x <= 32 && y >= 27 && y <= 32;
        expect(Number.isNaN(target.data[y * 64 + x]!)).toBe(outside || touched);
      }
    const nowhere = gridOf(64, 64, 32, (x, y) => (x === 0 ? [NaN, NaN] : [x * 1e12, y]));
    kernels.run(resample({ source: { image: source }, target: { image: target }, grid: nowhere }));
    expect(target.data.every(Number.isNaN)).toBe(true);
  });

  it('refuses grids that do not cover the target, and planes without partner', () => {
    const image = kernels.plane(64, 64);
    const grid = gridOf(32, 32, 32, (x, y) => [x, y]);
    const run = (options: object) => () =>
      kernels.run(resample({ source: { image }, target: { image: kernels.plane(64, 64) }, grid, ...options }));
    expect(run({})).toThrow(expect.objectContaining({ code: 'SIZE_MISMATCH', value: [2, 2] }));
    expect(run({ source: { image, variance: image } })).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
    expect(run({ order: 2 })).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
    expect(run({ phases: 0.5 })).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });
});
