import {
  fft2d,
  fft2dReference,
  halfSpectrumWidth,
  inverseRealFft2d,
  KernelContext,
  multiplySpectra,
  realFft2d,
} from './index.js';
import { noise, worst } from './testing/images.js';

const kernels = new KernelContext({ maximumBytes: 2 ** 27 });
const filled = (width: number, height: number, seed: number) => {
  const plane = kernels.plane(width, height);
  plane.data.set(noise(width * height, seed));
  return plane;
};
const SIZES = [
  [1, 1],
  [2, 1],
  [1, 8],
  [4, 4],
  [3, 5],
  [15, 12],
  [16, 18],
  [40, 30],
  [64, 100],
  [128, 135],
  [512, 64],
] as const;
/** rms of a value of the spectrum of unit noise; float roundings add up to some 1e-7 per stage */
const rms = (width: number, height: number): number => Math.sqrt(width * height);

describe('Fourier transforms', () => {
  it.each(SIZES)('of %i x %i points agree with the reference, both ways', (width, height) => {
    for (const inverse of [false, true]) {
      const [re, im] = [filled(width, height, 2), filled(width, height, 3)];
      const [expectedRe, expectedIm] = [re.data.slice(), im.data.slice()];
      kernels.run(fft2d({ re, im, inverse }));
      fft2dReference(expectedRe, expectedIm, width, height, inverse);
      const scale = inverse ? 1 / rms(width, height) : rms(width, height);
      expect(worst(re.data, expectedRe, scale)).toBeLessThan(1e-5);
      expect(worst(im.data, expectedIm, scale)).toBeLessThan(1e-5);
    }
  });

  it('are the sum they are defined by', () => {
    const [width, height] = [12, 10];
    const [re, im] = [filled(width, height, 5), filled(width, height, 6)];
    const [a, b] = [re.data.slice(), im.data.slice()];
    kernels.run(fft2d({ re, im }));
    for (const [u, v] of [
      [0, 0],
      [1, 0],
      [5, 7],
      [11, 9],
    ] as const) {
      let [sumRe, sumIm] = [0, 0];
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const angle = -2 * Math.PI * ((u * x) / width + (v * y) / height);
          const k = y * width + x;
          sumRe += a[k]! * Math.cos(angle) - b[k]! * Math.sin(angle);
          sumIm += a[k]! * Math.sin(angle) + b[k]! * Math.cos(angle);
        }
      expect(re.data[v * width + u]).toBeCloseTo(sumRe, 4);
      expect(im.data[v * width + u]).toBeCloseTo(sumIm, 4);
    }
  });

  it.each(SIZES)('of a real plane of %i x %i points are half of the complex one, and lead back', (width, height) => {
    const source = filled(width, height, 7);
    const half = halfSpectrumWidth(width);
    const [re, im] = [kernels.plane(half, height), kernels.plane(half, height)];
    kernels.run(realFft2d({ source, re, im }));
    const [fullRe, fullIm] = [source.data.slice(), new Float32Array(width * height)];
    fft2dReference(fullRe, fullIm, width, height);
    const columns = (full: Float32Array) =>
      Float32Array.from(re.data, (_, k) => full[Math.floor(k / half) * width + (k % half)]!);
    expect(worst(re.data, columns(fullRe), rms(width, height))).toBeLessThan(1e-5);
    expect(worst(im.data, columns(fullIm), rms(width, height))).toBeLessThan(1e-5);
    const target = kernels.plane(width, height);
    kernels.run(inverseRealFft2d({ re, im, target }));
    expect(worst(target.data, source.data, 1)).toBeLessThan(1e-5);
  });

  it('multiply spectra into convolutions: a shift by a delta function, back by its conjugate', () => {
    const [width, height] = [32, 20];
    const source = filled(width, height, 8);
    const delta = kernels.plane(width, height);
    delta.data[3 * width + 5] = 1;
    const half = halfSpectrumWidth(width);
    const [a, b] = [0, 1].map(() => ({ re: kernels.plane(half, height), im: kernels.plane(half, height) })) as [
      { re: typeof delta; im: typeof delta },
      { re: typeof delta; im: typeof delta },
    ];
    const target = kernels.plane(width, height);
    for (const conjugate of [false, true]) {
      kernels.run(realFft2d({ source, ...a }));
      kernels.run(realFft2d({ source: delta, ...b }));
      kernels.run(multiplySpectra(a, b, conjugate));
      kernels.run(inverseRealFft2d({ ...a, target }));
      const [dx, dy] = conjugate ? [-5, -3] : [5, 3];
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const from = ((y - dy + height) % height) * width + ((x - dx + width) % width);
          expect(target.data[y * width + x]).toBeCloseTo(source.data[from]!, 5);
        }
    }
  });

  it('take an empty plane, spread NaN everywhere, and refuse other sides', () => {
    kernels.run(fft2d({ re: kernels.plane(0, 0), im: kernels.plane(0, 0) }));
    const [re, im] = [filled(16, 16, 1), filled(16, 16, 2)];
    re.data[5] = NaN;
    kernels.run(fft2d({ re, im }));
    expect(re.data.every(Number.isNaN)).toBe(true);
    for (const width of [7, 13, 4096 * 7, 2 ** 15])
      expect(() => kernels.run(fft2d({ re: kernels.plane(width, 1), im: kernels.plane(width, 1) }))).toThrow(
        expect.objectContaining({ code: 'BAD_ARGUMENT', value: width }),
      );
    expect(() => kernels.run(realFft2d({ source: re, re, im }))).toThrow(
      expect.objectContaining({ code: 'SIZE_MISMATCH' }),
    );
  });
});
