import {
  convolveDense,
  convolveDenseReference,
  convolveSeparable,
  convolveSeparableReference,
  KernelContext,
} from './index.js';
import { noise, sky, worst } from './testing/images.js';

const kernels = new KernelContext({ maximumBytes: 2 ** 26 });
/** 4 half-widths of a Gaussian, normalised */
const gaussian = (sigma: number, half: number): number[] => {
  const taps = Array.from({ length: half + 1 }, (_, i) => Math.exp(-0.5 * (i / sigma) ** 2));
  const sum = taps.reduce((total, tap, i) => total + (i === 0 ? tap : 2 * tap), 0);
  return taps.map((tap) => tap / sum);
};
const SIZES = [
  [1, 1],
  [3, 2],
  [16, 1],
  [17, 5],
  [64, 64],
  [65, 130],
  [201, 70],
  [515, 66],
] as const;
/** floats: 24 bits, and as many roundings as there are taps */
const TOLERANCE = 1e-5;

describe('separable convolution', () => {
  it.each(SIZES)('agrees with the reference on %i x %i pixels, with every edge and length of taps', (width, height) => {
    const source = { width, height, data: sky(width, height, 3) };
    for (const edge of ['zero', 'nearest'] as const)
      for (const [half, halfY] of [
        [0, 0],
        [1, 4],
        [6, 6],
        [20, 3],
      ] as const) {
        const target = kernels.plane(width, height);
        const [taps, verticalTaps] = [gaussian(2, half), gaussian(1.5, halfY)];
        kernels.run(convolveSeparable({ source, target, taps, verticalTaps, edge }));
        const expected = new Float32Array(width * height);
        convolveSeparableReference(source.data, width, height, verticalTaps, taps, edge, expected);
        expect(worst(target.data, expected, 1000)).toBeLessThan(TOLERANCE);
      }
  });

  it('of a single bright pixel is the product of its taps', () => {
    const source = kernels.plane(40, 30);
    source.data[15 * 40 + 20] = 1000;
    const target = kernels.plane(40, 30);
    kernels.run(convolveSeparable({ source, target, taps: [4, 2, 1], verticalTaps: [0.5, 0.25] }));
    for (const [x, y, value] of [
      [20, 15, 2000],
      [22, 15, 500],
      [19, 16, 500],
      [18, 14, 250],
      [23, 15, 0],
      [20, 17, 0],
    ] as const)
      expect(target.data[y * 40 + x]).toBe(value);
  });

  it('keeps a constant image to its edge when pixels outside repeat it, and of one pixel too', () => {
    for (const [width, height] of [
      [1, 1],
      [100, 37],
    ] as const) {
      const source = kernels.plane(width, height);
      source.data.fill(5);
      const target = kernels.plane(width, height);
      kernels.run(convolveSeparable({ source, target, taps: gaussian(3, 12), edge: 'nearest' }));
      expect(worst(target.data, source.data, 5)).toBeLessThan(1e-6);
    }
  });

  it('spoils what NaN and infinity reach, and nothing else', () => {
    const [width, height] = [70, 40];
    const source = { width, height, data: sky(width, height, 5, 9) };
    const target = kernels.plane(width, height);
    const taps = gaussian(1, 3);
    kernels.run(convolveSeparable({ source, target, taps }));
    const expected = new Float32Array(width * height);
    convolveSeparableReference(source.data, width, height, taps, taps, 'zero', expected);
    expect(expected.some(Number.isNaN)).toBe(true);
    expect(expected.filter(Number.isFinite).length).toBeGreaterThan(1000);
    for (let i = 0; i < expected.length; i++)
      expect(Number.isFinite(target.data[i]!)).toBe(Number.isFinite(expected[i]!));
  });

  it('takes an empty image, and refuses planes that do not fit', () => {
    const empty = kernels.plane(0, 0);
    kernels.run(convolveSeparable({ source: empty, target: kernels.plane(0, 0), taps: [1] }));
    const plane = kernels.plane(20, 20);
    const refused = (options: object, code: string): void =>
      expect(() =>
        kernels.run(convolveSeparable({ source: plane, target: kernels.plane(20, 20), taps: [1], ...options })),
      ).toThrow(expect.objectContaining({ code }));
    refused({ target: kernels.plane(20, 21) }, 'SIZE_MISMATCH');
    refused({ source: { width: 20, height: 20, data: new Float32Array(10) } }, 'SIZE_MISMATCH');
    refused({ target: plane }, 'BAD_ARGUMENT');
    refused({ taps: [] }, 'BAD_ARGUMENT');
    refused({ taps: new Float32Array(300) }, 'BAD_ARGUMENT');
    const wide = { width: 300_000, height: 1, data: new Float32Array(300_000) };
    refused({ source: wide, target: { ...wide, data: new Float32Array(300_000) } }, 'OUT_OF_SCRATCH');
  });
});

describe('dense convolution', () => {
  it.each(SIZES)('agrees with the reference on %i x %i pixels, constant and varying', (width, height) => {
    const source = { width, height, data: sky(width, height, 7) };
    for (const edge of ['zero', 'nearest'] as const)
      for (const [kernelWidth, kernelHeight, order] of [
        [1, 1, 0],
        [3, 5, 0],
        [7, 7, 1],
        [5, 3, 3],
      ] as const) {
        const size = kernelWidth * kernelHeight;
        const terms = Array.from({ length: ((order + 1) * (order + 2)) / 2 }, (_, t) =>
          noise(size, 11 + t, 0, 1 / size).map((v, k) => v + (t === 0 && k === size >> 1 ? 1 : 0)),
        );
        const kernel = {
          width: kernelWidth,
          height: kernelHeight,
          order,
          terms,
          centreX: width / 2,
          centreY: height / 2,
          scaleX: Math.max(1, width / 2),
          scaleY: Math.max(1, height / 2),
        };
        const target = kernels.plane(width, height);
        kernels.run(convolveDense({ source, target, kernel, edge }));
        const expected = new Float32Array(width * height);
        convolveDenseReference(source.data, width, height, kernel, edge, expected);
        expect(worst(target.data, expected, 1000)).toBeLessThan(TOLERANCE);
      }
  });

  it('mirrors the kernel, as a convolution does', () => {
    const source = kernels.plane(33, 9);
    source.data[4 * 33 + 16] = 1;
    const target = kernels.plane(33, 9);
    const kernel = { width: 3, height: 3, data: [1, 2, 3, 4, 5, 6, 7, 8, 9] };
    kernels.run(convolveDense({ source, target, kernel }));
    const around = [3, 4, 5].flatMap((y) => [15, 16, 17].map((x) => target.data[y * 33 + x]!));
    expect(around).toEqual(kernel.data);
  });

  it('refuses even and huge kernels, too many terms and too high orders', () => {
    const source = kernels.plane(20, 20);
    const refused = (kernel: object, code: string): void =>
      expect(() =>
        kernels.run(
          convolveDense({
            source,
            target: kernels.plane(20, 20),
            kernel: kernel as { width: 1; height: 1; data: number[] },
          }),
        ),
      ).toThrow(expect.objectContaining({ code }));
    refused({ width: 2, height: 1, data: [1, 1] }, 'BAD_ARGUMENT');
    refused({ width: 131, height: 1, data: new Float32Array(131) }, 'BAD_ARGUMENT');
    refused({ width: 3, height: 1, data: [1] }, 'SIZE_MISMATCH');
    const varying = { width: 1, height: 1, centreX: 0, centreY: 0, scaleX: 1, scaleY: 1 };
    refused({ ...varying, order: 1, terms: [[1]] }, 'SIZE_MISMATCH');
    refused({ ...varying, order: 4, terms: Array.from({ length: 15 }, () => [1]) }, 'BAD_ARGUMENT');
  });
});
