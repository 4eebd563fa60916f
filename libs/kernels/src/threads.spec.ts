import {
  byteSwap,
  convolveDense,
  fft2d,
  findComponents,
  KernelContext,
  type KernelJob,
  medianFilter,
  meshEdges,
  meshStatistics,
  normalEquations,
  realFft2d,
  resample,
  solveSymmetric,
  stackPlanes,
} from './index.js';
import { sky } from './testing/images.js';

const [width, height] = [300, 240];
const image = { width, height, data: sky(width, height, 3) };
const other = { width, height, data: sky(width, height, 4) };
const plane = () => ({ width, height, data: new Float32Array(width * height) });
const grid = {
  step: 320,
  columns: 2,
  rows: 2,
  sourceX: Float64Array.of(3.3, 320, 10, 330),
  sourceY: Float64Array.of(-2, 8, 311, 322),
};

/** One job of each kernel, with the arrays it fills. */
const JOBS: Readonly<Record<string, () => readonly [KernelJob<unknown>, readonly Float32Array[]]>> = {
  'the byte swap': () => {
    const target = plane();
    return [byteSwap({ source: image.data, target: target.data, size: 4 }), [target.data]];
  },
  'dense convolution': () => {
    const target = plane();
    const kernel = { width: 5, height: 3, data: image.data.subarray(0, 15) };
    return [convolveDense({ source: image, target, kernel }), [target.data]];
  },
  'a median filter': () => {
    const target = plane();
    return [medianFilter({ source: image, target, size: 5 }), [target.data]];
  },
  'mesh statistics': () => [
    meshStatistics({ source: image, xEdges: meshEdges(width, 32), yEdges: meshEdges(height, 32), statistic: 'mode' }),
    [],
  ],
  'connected components': () => [findComponents({ source: image, threshold: 1010 }), []],
  'Lanczos resampling': () => {
    const [target, variance] = [plane(), plane()];
    const source = { image, variance: other };
    return [resample({ source, target: { image: target, variance }, grid }), [target.data, variance.data]];
  },
  'a clipped stack': () => {
    const target = plane();
    const planes = [image, other, image, other, image];
    return [stackPlanes({ planes, method: 'clippedMean', nSigma: 1.2 }, { image: target }), [target.data]];
  },
  'a complex transform': () => {
    const [re, im] = [image.data.slice(), other.data.slice()];
    return [fft2d({ re: { ...image, data: re }, im: { ...image, data: im } }), [re, im]];
  },
  'a real transform': () => {
    const [re, im] = [0, 1].map(() => new Float32Array(151 * height)) as [Float32Array, Float32Array];
    const half = { width: 151, height };
    return [realFft2d({ source: image, re: { ...half, data: re }, im: { ...half, data: im } }), [re, im]];
  },
  'normal equations': () => [
    normalEquations({ basis: image.data, n: 40, length: 1800, data: other.data, weights: other.data }),
    [],
  ],
  'a symmetric system': () => [
    solveSymmetric({
      matrix: Float64Array.from({ length: 900 }, (_, i) => (i % 31 === 0 ? 40 : 1)),
      n: 30,
      right: Float64Array.from(image.data.subarray(0, 300)),
      columns: 10,
    }),
    [],
  ],
};

describe('on one, two and three threads and on none', () => {
  const contexts: KernelContext[] = [];
  beforeAll(async () => {
    contexts.push(new KernelContext({ maximumBytes: 2 ** 25 }));
    for (const threads of [1, 2, 3]) contexts.push(await KernelContext.withThreads(threads, { maximumBytes: 2 ** 25 }));
  });
  afterAll(() => Promise.all(contexts.map((context) => context.close())));

  it.each(Object.keys(JOBS))('%s gives the same bits', async (name) => {
    const results: string[] = [];
    for (const context of contexts) {
      const [job, arrays] = JOBS[name]!();
      const value = context.threads === 0 ? context.run(job) : await context.runAsync(job);
      const all = arrays.map((array) =>
        Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64'),
      );
      results.push(JSON.stringify([value, all]));
    }
    expect(results[0]!.length).toBeGreaterThan(100);
    expect(new Set(results).size).toBe(1);
  });
});
