// Kernels against scipy and numpy, on seeded images.
import {
  byteSwap,
  convolveDense,
  convolveSeparable,
  fft2d,
  findComponents,
  halfSpectrumWidth,
  inverseRealFft2d,
  lanczos,
  medianFilter,
  normalEquations,
  realFft2d,
  resample,
  solveSymmetric,
} from '#libs/kernels';
import type { TruthCase } from '../truth-case.js';
import { difference, differing, floatsOf, images, numpy, skyImage, threadDifferences } from './kernel-images.js';
import { statistics } from './kernel-statistics.js';

const [WIDTH, HEIGHT] = [421, 333];
const SCIPY = ['python:scipy'] as const;
const TAPS = [0.3, 0.2, 0.1, 0.04, 0.01];

export const kernels: readonly TruthCase[] = [
  {
    room: 'kernels',
    name: 'separable convolution, both kinds of edges',
    truth: 'scipy.ndimage.convolve1d',
    limit: 1e-6, // nine float roundings of 6e-8 each way
    unit: 'of level',
    needs: SCIPY,
    measure: async (surroundings) => {
      const source = skyImage(WIDTH, HEIGHT, 1);
      const found = (['zero', 'nearest'] as const).map((edge) => {
        const target = images.plane(WIDTH, HEIGHT);
        images.run(convolveSeparable({ source, target, taps: TAPS, edge }));
        return target.data.slice();
      });
      const truth = await numpy(
        surroundings,
        `from scipy.ndimage import convolve1d
a = read(${HEIGHT}, ${WIDTH}).astype('f8'); t = ${JSON.stringify(TAPS)}; t = t[:0:-1] + t
write(*[convolve1d(convolve1d(a, t, 0, mode=m), t, 1, mode=m) for m in ('constant', 'nearest')])`,
        source.data,
      );
      return difference(join(found), truth, 1000);
    },
  },
  {
    room: 'kernels',
    name: 'dense convolution with a kernel of 7 x 5, both kinds of edges',
    truth: 'scipy.ndimage.convolve',
    limit: 2e-6, // 35 float roundings
    unit: 'of level',
    needs: SCIPY,
    measure: async (surroundings) => {
      const source = skyImage(WIDTH, HEIGHT, 2);
      const data = Float32Array.from({ length: 35 }, (_, k) => Math.cos(1.7 * k) / 12);
      const found = (['zero', 'nearest'] as const).map((edge) => {
        const target = images.plane(WIDTH, HEIGHT);
        images.run(convolveDense({ source, target, kernel: { width: 7, height: 5, data }, edge }));
        return target.data.slice();
      });
      const truth = await numpy(
        surroundings,
        `from scipy.ndimage import convolve
a = read(${HEIGHT}, ${WIDTH}).astype('f8'); k = read(5, 7).astype('f8')
write(*[convolve(a, k, mode=m) for m in ('constant', 'nearest')])`,
        source.data,
        data,
      );
      return difference(join(found), truth, 1000);
    },
  },
  ...([false, true] as const).map((inverse): TruthCase => ({
    room: 'kernels',
    name: `complex FFT of 1024 x 4096 and 360 x 250, ${inverse ? 'inverse' : 'forward'}`,
    truth: 'numpy.fft',
    limit: 2e-6, // roundings of 6e-8 in some twenty stages: 2e-7 rms, and the largest of four million values
    unit: 'of rms',
    needs: SCIPY,
    measure: async (surroundings) => {
      let largest = 0;
      for (const [width, height] of [
        [1024, 4096],
        [360, 250],
      ] as const) {
        const [re, im] = [skyImage(width, height, 3, 0), skyImage(width, height, 4, 0)];
        const truth = await numpy(
          surroundings,
          `a = read(${height}, ${width}) + 1j * read(${height}, ${width})
f = np.fft.${inverse ? 'i' : ''}fft2(a.astype('c16')); write(f.real, f.imag)`,
          re.data,
          im.data,
        );
        images.run(fft2d({ re, im, inverse }));
        largest = Math.max(largest, difference(join([re.data, im.data]), truth, rms(truth)));
      }
      return largest;
    },
  })),
  {
    room: 'kernels',
    name: 'real FFT of 1024 x 1080 and back',
    truth: 'numpy.fft.rfft2',
    limit: 2e-6, // likewise
    unit: 'of rms',
    needs: SCIPY,
    measure: async (surroundings) => {
      const [width, height] = [1024, 1080];
      const source = skyImage(width, height, 5, 0);
      const half = halfSpectrumWidth(width);
      const [re, im] = [images.plane(half, height), images.plane(half, height)];
      images.run(realFft2d({ source, re, im }));
      const truth = await numpy(
        surroundings,
        `f = np.fft.rfft2(read(${height}, ${width}).astype('f8')); write(f.real, f.imag)`,
        source.data,
      );
      const forward = difference(join([re.data, im.data]), truth, rms(truth));
      const target = images.plane(width, height);
      images.run(inverseRealFft2d({ re, im, target }));
      const back = difference(target.data, source.data, rms(source.data));
      return {
        value: Math.max(forward, back),
        note: `forward ${forward.toExponential(1)}, back ${back.toExponential(1)}`,
      };
    },
  },
  {
    room: 'kernels',
    name: 'median filters 3 x 3 and 5 x 5: pixels that differ',
    truth: 'scipy.ndimage.median_filter',
    limit: 0,
    unit: 'pixels',
    needs: SCIPY,
    measure: async (surroundings) => {
      const source = skyImage(WIDTH, HEIGHT, 6);
      const found = ([3, 5] as const).map((size) => {
        const target = images.plane(WIDTH, HEIGHT);
        images.run(medianFilter({ source, target, size }));
        return target.data.slice();
      });
      const truth = await numpy(
        surroundings,
        `from scipy.ndimage import median_filter
a = read(${HEIGHT}, ${WIDTH}); write(*[median_filter(a, n, mode='nearest') for n in (3, 5)])`,
        source.data,
      );
      return { value: differing(join(found), truth), note: `of ${truth.length}` };
    },
  },
  {
    room: 'kernels',
    name: 'connected components: count and labels that differ',
    truth: 'scipy.ndimage.label, 8 neighbours',
    limit: 0,
    unit: 'pixels',
    needs: SCIPY,
    measure: async (surroundings) => {
      let wrong = 0;
      const notes: string[] = [];
      // stars, and noise near its percolation threshold where components are long and winding
      for (const [threshold, seed] of [
        [1060, 7],
        [1007, 8],
      ] as const) {
        const source = skyImage(2000, 1501, seed);
        const labels = { width: 2000, height: 1501, data: new Int32Array(2000 * 1501) };
        const { count } = images.run(findComponents({ source, threshold, labels }));
        const truth = await numpy(
          surroundings,
          `from scipy.ndimage import label
l, n = label(read(1501, 2000) > ${threshold}, np.ones((3, 3))); write(l, np.array([n]))`,
          source.data,
        );
        wrong += differing(labels.data, truth.subarray(0, -1)) + Math.abs(count - truth.at(-1)!);
        notes.push(`${count} components`);
      }
      return { value: wrong, note: notes.join(', ') };
    },
  },
  ...([3, 4, 5] as const).map((order): TruthCase => ({
    room: 'kernels',
    name: `Lanczos-${order}: image and variance under a rotation`,
    truth: 'windowed sinc evaluated at the exact positions in numpy',
    // positions are told apart to 1/8192 px; the sum of squared weights changes by up to 0.8 per pixel along each axis
    limit: 2e-4,
    unit: 'relative',
    needs: SCIPY,
    measure: async (surroundings) => {
      const [image, variance] = [skyImage(WIDTH, HEIGHT, 9, 0, 0), skyImage(WIDTH, HEIGHT, 10, 900, 0)];
      for (let y = 0; y < HEIGHT; y++)
        for (let x = 0; x < WIDTH; x++)
          image.data[y * WIDTH + x] = Math.exp(-(((x % 29) - 14) ** 2 + ((y % 31) - 15) ** 2) / 6);
      const [angle, shiftX, shiftY] = [0.3, 60.25, 20.5];
      const size = 256;
      const map = (x: number, y: number): readonly [number, number] => [
        shiftX + Math.cos(angle) * x - Math.sin(angle) * y + 40,
        shiftY + Math.sin(angle) * x + Math.cos(angle) * y,
      ];
      const columns = size / 32 + 1;
      const points = Array.from({ length: columns ** 2 }, (_, k) =>
        map((k % columns) * 32, Math.floor(k / columns) * 32),
      );
      const grid = {
        step: 32,
        columns,
        rows: columns,
        sourceX: Float64Array.from(points, ([x]) => x),
        sourceY: Float64Array.from(points, ([, y]) => y),
      };
      const target = { image: images.plane(size, size), variance: images.plane(size, size) };
      images.run(resample({ source: { image, variance }, target, grid, order }));
      const truth = await numpy(
        surroundings,
        `a = read(${HEIGHT}, ${WIDTH}).astype('f8'); v = read(${HEIGHT}, ${WIDTH}).astype('f8'); n = ${order}
y, x = np.mgrid[0:${size}, 0:${size}].astype('f8')
sx = ${shiftX} + np.cos(${angle}) * x - np.sin(${angle}) * y + 40; sy = ${shiftY} + np.sin(${angle}) * x + np.cos(${angle}) * y
ix = np.floor(sx).astype(int); iy = np.floor(sy).astype(int)
k = lambda d: np.where(abs(d) < n, np.sinc(d) * np.sinc(d / n), 0)
wx = [k(ix + i - sx) for i in range(1 - n, n + 1)]; wy = [k(iy + i - sy) for i in range(1 - n, n + 1)]
wx /= sum(wx); wy /= sum(wy)
ok = (ix - n + 1 >= 0) & (iy - n + 1 >= 0) & (ix + n < ${WIDTH}) & (iy + n < ${HEIGHT})
px = np.where(ok, ix, n); py = np.where(ok, iy, n); s = 0; q = 0
for j in range(2 * n):
  for i in range(2 * n):
    w = wx[i] * wy[j]; s = s + w * a[py + j - n + 1, px + i - n + 1]; q = q + w * w * v[py + j - n + 1, px + i - n + 1]
write(np.where(ok, s, np.nan), np.where(ok, q, np.inf))`,
        image.data,
        variance.data,
      );
      const pixels = size * size;
      const inside = target.image.data.filter(Number.isFinite).length;
      const value = Math.max(
        difference(target.image.data, truth.subarray(0, pixels), 1),
        difference(target.variance.data, truth.subarray(pixels), 900),
      );
      return { value, note: `${inside} of ${pixels} pixels on the source; L(0.5) = ${lanczos(order, 0.5).toFixed(6)}` };
    },
  })),
  {
    room: 'kernels',
    name: 'normal equations of 40 vectors of 5000 values',
    truth: 'numpy in doubles',
    limit: 1e-6, // float products summed in blocks
    unit: 'of trace',
    needs: SCIPY,
    measure: async (surroundings) => {
      const [n, length] = [40, 5000];
      const basis = skyImage(length, n, 13, 0).data;
      const [data, weights] = [skyImage(length, 1, 14, 10).data, skyImage(length, 1, 15, 100).data];
      const { matrix, vector } = images.run(normalEquations({ basis, n, length, data, weights }));
      const truth = await numpy(
        surroundings,
        `b = read(${n}, ${length}).astype('f8'); d = read(${length}).astype('f8'); w = read(${length}).astype('f8')
write((b * w) @ b.T, (b * w) @ d)`,
        basis,
        data,
        weights,
      );
      return difference([...matrix, ...vector], truth, Math.max(...truth));
    },
  },
  {
    room: 'kernels',
    name: 'Cholesky solution of 300 unknowns, condition number 1e6',
    truth: 'numpy.linalg.solve',
    limit: 1e-9, // 1e-16 times the condition number, with some room
    unit: 'of |x|',
    needs: SCIPY,
    measure: async (surroundings) => {
      const n = 300;
      const script = `u, s, v = np.linalg.svd(read(${n}, ${n}).astype('f8')); a = (u * np.logspace(0, 6, ${n})) @ u.T; a = (a + a.T) / 2
b = read(${n}).astype('f8')
write(a, b, np.linalg.solve(a, b))`;
      const truth = await numpy(surroundings, script, skyImage(n, n, 16, 0).data, skyImage(n, 1, 17, 0).data);
      const [matrix, right, x] = [truth.slice(0, n * n), truth.slice(n * n, -n), truth.slice(-n)];
      return difference(images.run(solveSymmetric({ matrix, n, right })), x, Math.max(...x.map(Math.abs)));
    },
  },
  {
    room: 'kernels',
    name: 'byte swap of 16, 32 and 64 bits: bytes that differ',
    truth: 'numpy.byteswap',
    limit: 0,
    unit: 'bytes',
    needs: SCIPY,
    measure: async (surroundings) => {
      const source = new Uint8Array(skyImage(1000, 13, 18).data.slice().buffer);
      const found = ([2, 4, 8] as const).map((size) => {
        const target = new Uint8Array(source.length);
        images.run(byteSwap({ source, target, size }));
        return target;
      });
      const truth = await numpy(
        surroundings,
        `a = read(13000); write(*[a.view('u%d' % n).byteswap().view('u1') for n in (2, 4, 8)])`,
        floatsOf(source),
      );
      return differing(join(found), truth);
    },
  },
  ...statistics,
  {
    room: 'kernels',
    name: 'bits that differ on 1, 2 and 3 threads from those on none, every kernel',
    truth: 'the same kernels on one thread',
    limit: 0,
    unit: 'bits',
    measure: threadDifferences,
  },
];

function join(parts: readonly ArrayLike<number>[]): Float64Array {
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const rms = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum / values.length);
};
