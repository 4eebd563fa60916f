// Kernels on 4096 x 4096 pixels against their own TypeScript references, on planes of one memory. The note says what two threads gain over one.
import {
  byteSwap,
  byteSwap32Reference,
  convolveDense,
  convolveDenseReference,
  convolveSeparable,
  convolveSeparableReference,
  fft2d,
  fft2dReference,
  findComponents,
  findComponentsReference,
  halfSpectrumWidth,
  KernelArena,
  KernelContext,
  type KernelJob,
  medianFilter,
  medianFilterReference,
  meshEdges,
  meshStatistics,
  meshStatisticsReference,
  normalEquations,
  normalEquationsReference,
  realFft2d,
  resample,
  resampleReference,
  solveSymmetric,
  solveSymmetricReference,
  stackPlanes,
  stackPlanesReference,
} from '#libs/kernels';
import { type BenchCase, interleave } from '../bench-case.js';

const SIDE = 4096;
const PIXELS = SIDE * SIDE;

/** Reading and writing memory is all that such a kernel does: performance is that of the memory. */
const MEMORY_BOUND = 'memory bound';

interface Pair {
  readonly job: KernelJob<unknown>;
  readonly reference: () => unknown;
  /** a related job whose time goes into the note */
  readonly besides?: readonly [string, KernelJob<unknown>];
}

function kernel(
  name: string,
  planes: number,
  prepare: (arena: KernelArena) => Pair,
  { fasterAtLeast = 2, remark = '', serial = false, rounds = 3 } = {},
): BenchCase {
  return {
    room: 'kernels',
    name,
    against: 'TypeScript reference',
    goal: { fasterAtLeast },
    measure: async () => {
      const arena = new KernelArena({ maximumBytes: planes * PIXELS * 4 + 2 ** 28, threads: 3 });
      const here = new KernelContext({ arena });
      const contexts = [await KernelContext.withThreads(1, { arena }), await KernelContext.withThreads(2, { arena })];
      try {
        const { job, reference, besides } = prepare(arena);
        const times = await interleave(() => here.run(job), reference, rounds);
        const notes = remark === '' ? [] : [remark];
        if (besides !== undefined) {
          const other = await interleave(
            () => here.run(besides[1]),
            () => undefined,
            rounds,
          );
          notes.push(`${besides[0]} ${other.ours.toFixed(0)} ms`);
        }
        if (!serial) {
          const [one, two] = contexts.map((context) => () => context.runAsync(job)) as [() => unknown, () => unknown];
          const threads = await interleave(two, one, 5);
          notes.push(`two threads ${(threads.theirs / threads.ours).toFixed(2)} x one`);
        }
        return { ...times, note: notes.join('; ') };
      } finally {
        await Promise.all(contexts.map((context) => context.close()));
      }
    },
  };
}

/** Noise of 30 on a sky of 1000 with 20,000 stars: repeats after some rows, which no kernel can tell. */
function skyPlane(arena: KernelArena, seed: number): { width: number; height: number; data: Float32Array } {
  const data = arena.float32(PIXELS);
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
  const period = 1 << 18;
  for (let i = 0; i < period; i++)
    data[i] = 1000 + 30 * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  for (let at = period; at < PIXELS; at += period) data.copyWithin(at, 0, period);
  for (let star = 0; star < 20_000; star++) {
    const x = 6 + Math.floor(next() * (SIDE - 12));
    const y = 6 + Math.floor(next() * (SIDE - 12));
    const peak = 100 / (0.01 + next());
    for (let j = -5; j <= 5; j++)
      for (let i = -5; i <= 5; i++) data[(y + j) * SIDE + x + i]! += peak * Math.exp(-(i * i + j * j) / 6);
  }
  return { width: SIDE, height: SIDE, data };
}
const blank = (arena: KernelArena) => ({ width: SIDE, height: SIDE, data: arena.float32(PIXELS) });
const taps = (half: number): number[] => Array.from({ length: half + 1 }, (_, i) => Math.exp((-i * i) / 8) / 5);
const stampOf = (side: number, seed: number): Float32Array =>
  Float32Array.from({ length: side * side }, (_, k) => Math.cos(k * seed) / (side * side));

function dense(order: number): (arena: KernelArena) => Pair {
  return (arena) => {
    const [source, target] = [skyPlane(arena, 1), blank(arena)];
    const terms = Array.from({ length: ((order + 1) * (order + 2)) / 2 }, (_, t) => stampOf(9, t + 1));
    const position = { centreX: SIDE / 2, centreY: SIDE / 2, scaleX: SIDE / 2, scaleY: SIDE / 2 };
    const kernelOf = { width: 9, height: 9, order, terms, ...position };
    return {
      job: convolveDense({ source, target, kernel: kernelOf }),
      reference: () => convolveDenseReference(source.data, SIDE, SIDE, kernelOf, 'zero', target.data),
    };
  };
}

function mesh(statistic: 'mode' | 'clippedMean'): (arena: KernelArena) => Pair {
  return (arena) => {
    const edges = meshEdges(SIDE, 64);
    const mask = { width: SIDE, height: SIDE, data: arena.int32(PIXELS) };
    for (let i = 0; i < PIXELS; i += 31) mask.data[i] = 1;
    const options = { source: skyPlane(arena, 2), mask, xEdges: edges, yEdges: edges, statistic };
    return { job: meshStatistics(options), reference: () => meshStatisticsReference(options) };
  };
}

function warp(withVariance: boolean): (arena: KernelArena) => Pair {
  return (arena) => {
    const step = 32;
    const columns = SIDE / step + 1;
    const [sourceX, sourceY] = [new Float64Array(columns * columns), new Float64Array(columns * columns)];
    for (let k = 0; k < columns * columns; k++) {
      const [x, y] = [(k % columns) * step, Math.floor(k / columns) * step];
      sourceX[k] = 13.3 + x - 0.0052 * y;
      sourceY[k] = -8.8 + y + 0.0052 * x;
    }
    const source = { image: skyPlane(arena, 3), ...(withVariance && { variance: skyPlane(arena, 4) }) };
    const target = { image: blank(arena), ...(withVariance && { variance: blank(arena) }) };
    const options = { source, target, grid: { step, columns, rows: columns, sourceX, sourceY } };
    return { job: resample(options), reference: () => resampleReference(options) };
  };
}

function stackOf(method: 'mean' | 'median' | 'clippedMean'): (arena: KernelArena) => Pair {
  return (arena) => {
    const planes = Array.from({ length: 8 }, (_, k) => skyPlane(arena, k + 1));
    const target = { image: blank(arena), ...(method !== 'median' && { variance: blank(arena) }) };
    const options = { planes, method, ...(method === 'clippedMean' && { variances: planes, inverseVariance: true }) };
    return { job: stackPlanes(options, target), reference: () => stackPlanesReference(options, target) };
  };
}

function medianOf(size: 3 | 5): (arena: KernelArena) => Pair {
  return (arena) => {
    const [source, target] = [skyPlane(arena, 5), blank(arena)];
    return {
      job: medianFilter({ source, target, size }),
      reference: () => medianFilterReference(source.data, SIDE, SIDE, size, target.data),
    };
  };
}

export const kernels: readonly BenchCase[] = [
  kernel('separable convolution, 13 taps', 2, (arena) => {
    const [source, target] = [skyPlane(arena, 1), blank(arena)];
    return {
      job: convolveSeparable({ source, target, taps: taps(6) }),
      reference: () => convolveSeparableReference(source.data, SIDE, SIDE, taps(6), taps(6), 'zero', target.data),
    };
  }),
  kernel('dense convolution, 9 x 9', 2, dense(0)),
  kernel('dense convolution, 9 x 9 varying linearly over the image', 2, dense(1)),
  kernel('mesh of 64 px, mode', 2, mesh('mode')),
  kernel('mesh of 64 px, clipped mean', 2, mesh('clippedMean')),
  kernel(
    'threshold and connected components',
    2,
    (arena) => {
      const source = skyPlane(arena, 4);
      return {
        job: findComponents({ source, threshold: 1060 }),
        reference: () => findComponentsReference({ source, threshold: 1060 }),
      };
    },
    { remark: 'union-find is serial' },
  ),
  kernel('Lanczos-3, image', 2, warp(false)),
  kernel('Lanczos-3, image and variance', 4, warp(true)),
  kernel('mean of 8 planes with variance', 10, stackOf('mean'), { remark: MEMORY_BOUND }),
  kernel('median of 8 planes', 9, stackOf('median')),
  kernel('clipped mean of 8 planes, weighted by variance', 10, stackOf('clippedMean')),
  kernel('complex FFT', 5, (arena) => {
    const [re, im] = [skyPlane(arena, 6), skyPlane(arena, 7)];
    const half = { width: halfSpectrumWidth(SIDE), height: SIDE };
    const spectrum = () => ({ ...half, data: arena.float32(half.width * SIDE) });
    const besides = realFft2d({ source: skyPlane(arena, 8), re: spectrum(), im: spectrum() });
    let inverse = false; // there and back, so that values stay finite
    return {
      job: (workspace) => fft2d({ re, im, inverse: (inverse = !inverse) })(workspace),
      reference: () => fft2dReference(re.data, im.data, SIDE, SIDE, (inverse = !inverse)),
      besides: ['the real one', besides],
    };
  }),
  kernel('normal equations, 64 vectors of 262144 values', 3, (arena) => {
    const basis = skyPlane(arena, 8).data;
    const data = basis.subarray(1000, 1000 + 2 ** 18);
    const problem = { basis, n: 64, length: 2 ** 18, data, weights: basis.subarray(5000, 5000 + 2 ** 18) };
    return { job: normalEquations(problem), reference: () => normalEquationsReference(problem) };
  }),
  kernel(
    'Cholesky solution, 1024 unknowns',
    1,
    () => {
      const n = 1024;
      const matrix = new Float64Array(n * n);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j] = Math.cos(i - j) + (i === j ? n : 0);
      const system = { matrix, n, right: matrix.slice(0, n) };
      return { job: solveSymmetric(system), reference: () => solveSymmetricReference(system) };
    },
    { serial: true },
  ),
  kernel('median filter 3 x 3', 2, medianOf(3)),
  kernel('median filter 5 x 5', 2, medianOf(5), { rounds: 1 }),
  kernel(
    'byte swap of 32-bit values',
    2,
    (arena) => {
      const [source, target] = [skyPlane(arena, 9).data, blank(arena).data];
      const words = (data: Float32Array): Uint32Array => new Uint32Array(data.buffer, data.byteOffset, data.length);
      return {
        job: byteSwap({ source, target, size: 4 }),
        reference: () => byteSwap32Reference(words(source), words(target)),
      };
    },
    { remark: MEMORY_BOUND },
  ),
];
