// Seeded images for the kernels' cases, numpy on the other side of a pipe, and the comparisons.
import {
  byteSwap,
  convolveDense,
  convolveSeparable,
  fft2d,
  findComponents,
  halfSpectrumWidth,
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
} from '#libs/kernels';
import type { Surroundings } from '../surroundings.js';
import type { Measurement } from '../truth-case.js';

export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

let context: KernelContext | undefined;
/** A context of this process, made on first use; planes are kept until it ends. */
export const images = {
  get context(): KernelContext {
    return (context ??= new KernelContext({ maximumBytes: 2 ** 30 }));
  },
  plane: (width: number, height: number): Image => ({ width, height, data: new Float32Array(width * height) }),
  run: <T>(job: KernelJob<T>): T => images.context.run(job),
};

/** Gaussian noise of 30 on a level, with stars in it unless `stars` is 0. */
export function skyImage(
  width: number,
  height: number,
  seed: number,
  level = 1000,
  stars = (width * height) / 500,
): Image {
  let state = Math.imul(seed, 747796405) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const data = Float32Array.from(
    { length: width * height },
    () => level + 30 * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
  for (let star = 0; star < (level === 0 ? 0 : stars); star++) {
    const [x, y] = [Math.floor(next() * width), Math.floor(next() * height)];
    const peak = 100 / (0.01 + next());
    for (let j = Math.max(0, y - 5); j <= Math.min(height - 1, y + 5); j++)
      for (let i = Math.max(0, x - 5); i <= Math.min(width - 1, x + 5); i++)
        data[j * width + i]! += peak * Math.exp(-((i - x) ** 2 + (j - y) ** 2) / 6);
  }
  return { width, height, data };
}

/** Runs a script that may `read(*shape)` the given floats in turn and `write(*arrays)` its answer, as doubles. */
export async function numpy(
  surroundings: Surroundings,
  script: string,
  ...inputs: readonly Float32Array[]
): Promise<Float64Array> {
  const head = `import sys
import numpy as np
stream = np.frombuffer(sys.stdin.buffer.read(), 'f4'); at = 0
def read(*shape):
  global at
  n = int(np.prod(shape)); at += n
  return stream[at - n:at].reshape(shape)
def write(*arrays):
  for a in arrays: sys.stdout.buffer.write(np.ascontiguousarray(a, 'f8').tobytes())
`;
  const input = Buffer.concat(inputs.map((data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  const output = await surroundings.python(head + script, input);
  return new Float64Array(output.buffer.slice(output.byteOffset, output.byteOffset + output.byteLength));
}

export const floatsOf = (bytes: Uint8Array): Float32Array =>
  new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);

/** Largest difference relative to `scale`; infinite where lengths or missing values do not agree. */
export function difference(found: ArrayLike<number>, truth: ArrayLike<number>, scale: number): number {
  if (found.length !== truth.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < truth.length; i++) {
    if (Object.is(found[i], truth[i])) continue;
    const d = Math.abs(found[i]! - truth[i]!) / scale;
    if (Number.isNaN(d)) return Infinity;
    largest = Math.max(largest, d);
  }
  return largest;
}

export function differing(found: ArrayLike<number>, truth: ArrayLike<number>): number {
  let count = Math.abs(found.length - truth.length);
  for (let i = 0; i < truth.length; i++)
    if (found[i] !== truth[i] && !(Number.isNaN(found[i]!) && Number.isNaN(truth[i]!))) count++;
  return count;
}

/** Every kernel on 1, 2 and 3 threads against the caller's thread: bits that are not the same. */
export async function threadDifferences(): Promise<Measurement> {
  const [width, height] = [500, 480];
  const [a, b] = [skyImage(width, height, 21), skyImage(width, height, 22)];
  const points = Float64Array.of(3.3, 520, 10, 530);
  const grid = { step: 512, columns: 2, rows: 2, sourceX: points, sourceY: Float64Array.of(-2, 8, 511, 522) };
  const outcomes = async (run: <T>(job: KernelJob<T>) => T | Promise<T>): Promise<Float64Array> => {
    const values: ArrayLike<number>[] = [];
    const target = (): Image => {
      const plane = images.plane(width, height);
      values.push(plane.data);
      return plane;
    };
    const stamp = { width: 9, height: 7, data: a.data.subarray(0, 63) };
    await run(byteSwap({ source: a.data, target: new Uint32Array(target().data.buffer), size: 4 }));
    await run(convolveSeparable({ source: a, target: target(), taps: [3, 2, 1] }));
    await run(convolveDense({ source: a, target: target(), kernel: stamp }));
    for (const size of [3, 5] as const) await run(medianFilter({ source: a, target: target(), size }));
    await run(resample({ source: { image: a, variance: b }, target: { image: target(), variance: target() }, grid }));
    for (const method of ['mean', 'median', 'clippedMean'] as const)
      await run(stackPlanes({ planes: [a, b, a, b, a], method, nSigma: 1.2 }, { image: target() }));
    const [re, im] = [target(), target()];
    re.data.set(a.data);
    await run(fft2d({ re, im }));
    const half = halfSpectrumWidth(width);
    const spectrum = [0, 1].map(() => images.plane(half, height)) as [Image, Image];
    await run(realFft2d({ source: a, re: spectrum[0], im: spectrum[1] }));
    const mesh = { source: a, xEdges: meshEdges(width, 64), yEdges: meshEdges(height, 64) };
    for (const statistic of ['mode', 'clippedMean'] as const) {
      const { level, sigma } = await run(meshStatistics({ ...mesh, statistic }));
      values.push(level, sigma);
    }
    const { runs } = await run(findComponents({ source: a, threshold: 1020 }));
    const { matrix } = await run(
      normalEquations({ basis: a.data, n: 60, length: 4000, data: b.data, weights: b.data }),
    );
    for (let i = 0; i < 60; i++) matrix[i * 60 + i]! *= 2;
    const right = Float64Array.from(b.data.subarray(0, 600));
    values.push(...spectrum.map(({ data }) => data), runs, matrix);
    values.push(await run(solveSymmetric({ matrix, n: 60, right, columns: 10 })));
    return Float64Array.from(values.flatMap((list) => Array.from(list)));
  };
  const expected = await outcomes((job) => images.run(job));
  let bits = 0;
  for (const threads of [1, 2, 3]) {
    const pool = await KernelContext.withThreads(threads, { maximumBytes: 2 ** 27 });
    try {
      const found = await outcomes((job) => pool.runAsync(job));
      bits += differentBits(found, expected);
    } finally {
      await pool.close();
    }
  }
  return { value: bits, note: `${expected.length} values each` };
}

function differentBits(a: Float64Array, b: Float64Array): number {
  const [p, q] = [new Uint32Array(a.buffer), new Uint32Array(b.buffer)];
  let count = 32 * Math.abs(p.length - q.length);
  for (let i = 0; i < Math.min(p.length, q.length); i++) for (let d = p[i]! ^ q[i]!; d !== 0; d &= d - 1) count++;
  return count;
}
