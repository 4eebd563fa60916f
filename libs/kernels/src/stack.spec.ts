import { KernelContext, stackPlanes, stackPlanesReference, type StackOptions } from './index.js';
import { sortingNetwork } from './stack.js';
import { differingBits, noise, same, sky, uniform, worst } from './testing/images.js';

const kernels = new KernelContext({ maximumBytes: 2 ** 26 });
const planesOf = (n: number, width: number, height: number, broken = 0) =>
  Array.from({ length: n }, (_, k) => ({ width, height, data: sky(width, height, 3 + k, broken) }));
const targetOf = (width: number, height: number) => ({
  image: kernels.plane(width, height),
  variance: kernels.plane(width, height),
  count: { width, height, data: kernels.allocator.int32(width * height) },
});

function compare(options: StackOptions, width: number, height: number) {
  const [found, expected] = [targetOf(width, height), targetOf(width, height)];
  kernels.run(stackPlanes(options, found));
  stackPlanesReference(options, expected);
  expect(same(found.count.data, expected.count.data)).toBe(true);
  return { found, expected };
}

describe('the sorting network', () => {
  it('sorts every sequence of zeros and ones, and so every sequence, up to 12 values', () => {
    for (let n = 1; n <= 12; n++) {
      const network = sortingNetwork(n);
      let sorted = 0;
      for (let bits = 0; bits < 2 ** n; bits++) {
        const values = Array.from({ length: n }, (_, i) => (bits >> i) & 1);
        for (let c = 0; c < network.length; c += 2) {
          const [a, b] = [network[c]!, network[c + 1]!];
          if (values[a]! > values[b]!) [values[a], values[b]] = [values[b]!, values[a]!];
        }
        if (values.every((value, i) => i === 0 || values[i - 1]! <= value)) sorted++;
      }
      expect(sorted).toBe(2 ** n);
    }
  });
});

describe('stacks', () => {
  it.each([1, 2, 3, 4, 7, 8, 15, 33])(
    'of %i planes: medians have the very bits of the reference, means agree to 1e-5',
    (n) => {
      for (const [width, height] of [
        [1, 1],
        [17, 5],
        [64, 66],
      ] as const)
        for (const broken of [0, (width * height) / 4]) {
          const planes = planesOf(n, width, height, broken);
          const variances = planes.map((_, k) => ({ width, height, data: noise(width * height, 40 + k, 900, 90) }));
          const median = compare({ planes, variances, method: 'median' }, width, height);
          expect(differingBits(median.found.image.data, median.expected.image.data)).toBe(0);
          expect(worst(median.found.variance.data, median.expected.variance.data, 900 / n)).toBeLessThan(1e-5);
          for (const weights of [undefined, Float32Array.from({ length: n }, (_, k) => 1 + k)])
            for (const inverseVariance of [false, true]) {
              const options = {
                planes,
                variances,
                inverseVariance,
                method: 'mean',
                ...(weights && { weights }),
              } as const;
              const { found, expected } = compare(options, width, height);
              expect(worst(found.image.data, expected.image.data, 1000)).toBeLessThan(1e-5);
              expect(worst(found.variance.data, expected.variance.data, 900 / n)).toBeLessThan(1e-5);
            }
        }
    },
  );

  it.each([1, 2, 5, 9, 16])('of %i planes: clipped means agree with the reference, samples dropped and all', (n) => {
    const [width, height] = [66, 35];
    const planes = planesOf(n, width, height, 300);
    const variances = planes.map((_, k) => ({ width, height, data: noise(width * height, 40 + k, 900, 90) }));
    for (const clipBy of ['scatter', 'variance'] as const)
      for (const [nSigma, iterations] of [
        [3, 5],
        [1.5, 10],
        [2, 1],
      ] as const) {
        const { found, expected } = compare(
          { planes, variances, method: 'clippedMean', clipBy, nSigma, iterations },
          width,
          height,
        );
        expect(worst(found.image.data, expected.image.data, 1000)).toBeLessThan(1e-5);
        expect(worst(found.variance.data, expected.variance.data, 900 / n)).toBeLessThan(1e-5);
      }
  });

  it('drop an outlier among ten and keep the mean of the other nine', () => {
    const planes = Array.from({ length: 10 }, (_, k) => {
      const plane = kernels.plane(20, 20);
      plane.data.fill(100 + k);
      return plane;
    });
    planes[4]!.data[33] = 1e6;
    planes[5]!.data[34] = NaN;
    const target = targetOf(20, 20);
    kernels.run(stackPlanes({ planes, method: 'clippedMean', nSigma: 2.5 }, target));
    expect(target.image.data[0]).toBeCloseTo(104.5, 4);
    expect(target.image.data[33]).toBeCloseTo((1045 - 104) / 9, 4);
    expect(target.image.data[34]).toBeCloseTo((1045 - 105) / 9, 4);
    expect(target.count.data.slice(32, 35)).toEqual(Int32Array.of(10, 9, 9));
    expect(target.variance.data[0]).toBeCloseTo(0.1, 6);
  });

  it('leave out masked samples; where none is left the value is NaN and its variance infinite', () => {
    const [width, height] = [33, 4];
    const planes = planesOf(3, width, height);
    const next = uniform(5);
    const masks = planes.map(() => ({
      width,
      height,
      data: Int32Array.from({ length: width * height }, () => (next() < 0.5 ? 8 : 1)),
    }));
    for (const method of ['mean', 'median', 'clippedMean'] as const) {
      const { found } = compare({ planes, masks, badBits: 8, method }, width, height);
      const none = [...found.count.data].map((count) => count === 0);
      expect(none).toContain(true);
      expect([...found.image.data].map(Number.isNaN)).toEqual(none);
      expect([...found.variance.data].map((v) => v === Infinity)).toEqual(none);
    }
  });

  it('take an empty image, and refuse stacks that make no sense', () => {
    kernels.run(stackPlanes({ planes: planesOf(2, 0, 0), method: 'median' }, targetOf(0, 0)));
    const planes = planesOf(2, 20, 2);
    const refused = (options: object, code: string): void =>
      expect(() => kernels.run(stackPlanes({ planes, method: 'mean', ...options }, targetOf(20, 2)))).toThrow(
        expect.objectContaining({ code }),
      );
    refused({ planes: [] }, 'BAD_ARGUMENT');
    refused({ planes: planesOf(2, 20, 3) }, 'SIZE_MISMATCH');
    refused({ variances: planes.slice(1) }, 'SIZE_MISMATCH');
    refused({ weights: [1] }, 'SIZE_MISMATCH');
    refused({ weights: [1, 0] }, 'BAD_ARGUMENT');
    refused({ weights: [1, NaN] }, 'BAD_ARGUMENT');
    refused({ inverseVariance: true }, 'BAD_ARGUMENT');
    refused({ method: 'median', weights: [1, 2] }, 'BAD_ARGUMENT');
  });
});
