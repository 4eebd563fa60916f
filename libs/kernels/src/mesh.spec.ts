import { KernelContext, meshEdges, meshStatistics, meshStatisticsReference } from './index.js';
import { noise, sky, uniform, worst } from './testing/images.js';

const kernels = new KernelContext({ maximumBytes: 2 ** 26 });

function mask(width: number, height: number, fraction: number): { width: number; height: number; data: Int32Array } {
  const next = uniform(9);
  return { width, height, data: Int32Array.from({ length: width * height }, () => (next() < fraction ? 4 : 2)) };
}

describe('mesh statistics', () => {
  it.each([
    [1, 1, 64],
    [50, 3, 64],
    [200, 130, 64],
    [193, 131, 32],
    [300, 300, 137],
  ])(
    'of %i x %i pixels in cells of %i agree with the reference, with masks and broken pixels',
    (width, height, size) => {
      for (const broken of [0, (width * height) / 20])
        for (const masked of [undefined, mask(width, height, 0.3)])
          for (const statistic of ['mode', 'clippedMean'] as const) {
            const source = { width, height, data: sky(width, height, 5, broken) };
            const options = {
              source,
              ...(masked && { mask: masked, badBits: 4 }),
              xEdges: meshEdges(width, size),
              yEdges: meshEdges(height, size),
              statistic,
            };
            const found = kernels.run(meshStatistics(options));
            const expected = meshStatisticsReference(options);
            expect(found.count).toEqual(expected.count);
            // sums in doubles, in another order: far below a histogram bin
            expect(worst(found.level, expected.level, 1000)).toBeLessThan(1e-9);
            expect(worst(found.sigma, expected.sigma, 1000)).toBeLessThan(1e-9);
          }
    },
  );

  it('find level and noise of Gaussian pixels below stars: the mode within a fifth of the error of the mean', () => {
    const side = 512;
    const source = { width: side, height: side, data: noise(side * side, 4, 1000, 30) };
    const edges = meshEdges(side, 512);
    for (const statistic of ['mode', 'clippedMean'] as const) {
      const { level, sigma } = kernels.run(meshStatistics({ source, xEdges: edges, yEdges: edges, statistic }));
      // standard errors: 30 / 512 for the mean, 2.5 x 1.25 of it for a mode made of a median; clipping at 3 sigma narrows by 1.4 %
      expect(Math.abs(level[0]! - 1000)).toBeLessThan(5 * 0.06 * 3);
      expect(Math.abs(sigma[0]! / 29.6 - 1)).toBeLessThan(0.01);
    }
  });

  it('of cells without usable pixels are NaN with count 0, of constant cells the constant', () => {
    const source = kernels.plane(128, 64);
    source.data.fill(1e5 + 0.25);
    for (let y = 0; y < 64; y++) source.data.fill(NaN, y * 128, y * 128 + 64);
    for (const statistic of ['mode', 'clippedMean'] as const) {
      const { level, sigma, count } = kernels.run(
        meshStatistics({ source, xEdges: [0, 64, 128], yEdges: [0, 64], statistic }),
      );
      expect([...count]).toEqual([0, 4096]);
      expect(level[0]).toBeNaN();
      expect(sigma[0]).toBeNaN();
      expect(level[1]).toBe(1e5 + 0.25);
      expect(sigma[1]).toBe(0);
    }
  });

  it('leave out cells with too few pixels, and cells of no pixels at all', () => {
    const source = kernels.plane(64, 64);
    source.data.fill(NaN, 0, 4000);
    const { level, count } = kernels.run(
      meshStatistics({ source, xEdges: [0, 64, 64], yEdges: [0, 64], statistic: 'clippedMean', leastFraction: 0.1 }),
    );
    expect([...count]).toEqual([96, 0]);
    expect([...level]).toEqual([NaN, NaN]);
    expect(kernels.run(meshStatistics({ source, xEdges: [0], yEdges: [0, 64], statistic: 'mode' })).level).toHaveLength(
      0,
    );
  });

  it('are not thrown off by one pixel of a million sigma', () => {
    const source = { width: 64, height: 64, data: noise(4096, 8, 1000, 30) };
    source.data[100] = 3e7;
    const { level } = kernels.run(
      meshStatistics({ source, xEdges: [0, 64], yEdges: [0, 64], statistic: 'clippedMean' }),
    );
    expect(Math.abs(level[0]! - 1000)).toBeLessThan(5 * (30 / 64));
  });

  it('refuse edges that do not ascend and cells that do not fit scratch', () => {
    const source = kernels.plane(64, 64);
    const run = (xEdges: number[]) =>
      kernels.run(meshStatistics({ source, xEdges, yEdges: [0, 64], statistic: 'mode' }));
    for (const edges of [[0, 65], [10, 5], [0, 1.5], [-1, 5], []])
      expect(() => run(edges)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
    const large = { width: 513, height: 512, data: new Float32Array(513 * 512) };
    expect(() =>
      kernels.run(meshStatistics({ source: large, xEdges: [0, 513], yEdges: [0, 512], statistic: 'mode' })),
    ).toThrow(expect.objectContaining({ code: 'OUT_OF_SCRATCH', value: 513 * 512 }));
  });
});
