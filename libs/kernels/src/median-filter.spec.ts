import { KernelContext, medianFilter, medianFilterReference } from './index.js';
import { differingBits, sky } from './testing/images.js';

const kernels = new KernelContext({ maximumBytes: 2 ** 26 });

describe('median filters', () => {
  it.each([
    [1, 1],
    [2, 3],
    [5, 1],
    [64, 64],
    [67, 65],
    [515, 70],
    [1027, 3],
  ])('give the very bits of the reference on %i x %i pixels, NaN and infinities among them', (width, height) => {
    for (const size of [3, 5] as const)
      for (const broken of [0, Math.ceil((width * height) / 50)]) {
        const source = { width, height, data: sky(width, height, 3, broken) };
        const target = kernels.plane(width, height);
        kernels.run(medianFilter({ source, target, size }));
        const expected = new Float32Array(width * height);
        medianFilterReference(source.data, width, height, size, expected);
        expect(differingBits(target.data, expected)).toBe(0);
      }
  });

  it('remove a lone hot pixel and keep an edge', () => {
    const [width, height] = [40, 20];
    const source = kernels.plane(width, height);
    for (let i = 0; i < source.data.length; i++) source.data[i] = i % width < 20 ? 10 : 50;
    source.data[7 * width + 9] = 60_000;
    const target = kernels.plane(width, height);
    for (const size of [3, 5] as const) {
      kernels.run(medianFilter({ source, target, size }));
      expect(target.data.every((value, i) => value === (i % width < 20 ? 10 : 50))).toBe(true);
    }
  });

  it('of nothing but NaN is NaN, of an empty image empty', () => {
    const source = kernels.plane(30, 30);
    source.data.fill(NaN);
    const target = kernels.plane(30, 30);
    kernels.run(medianFilter({ source, target, size: 5 }));
    expect(target.data.every(Number.isNaN)).toBe(true);
    kernels.run(medianFilter({ source: kernels.plane(0, 4), target: kernels.plane(0, 4), size: 3 }));
    expect(() => kernels.run(medianFilter({ source, target: source, size: 3 }))).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT' }),
    );
  });
});
