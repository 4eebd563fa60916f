import {
  KernelContext,
  normalEquations,
  normalEquationsReference,
  solveSymmetric,
  solveSymmetricReference,
} from './index.js';
import { noise, worst } from './testing/images.js';

const kernels = new KernelContext({ maximumBytes: 2 ** 26 });

describe('normal equations', () => {
  it.each([
    [1, 1],
    [1, 3],
    [2, 4],
    [3, 961],
    [17, 513],
    [50, 1500],
  ])('of %i vectors of %i values agree with the reference', (n, length) => {
    const basis = noise(n * length, 2);
    const data = noise(length, 3, 10, 5);
    for (const weights of [undefined, noise(length, 4, 2, 0.3)]) {
      const problem = { basis, n, length, data, ...(weights && { weights }) };
      const found = kernels.run(normalEquations(problem));
      const expected = normalEquationsReference(problem);
      // sums of products of unit noise: relative to the diagonal
      expect(worst(found.matrix, expected.matrix, 2 * length)).toBeLessThan(1e-5);
      expect(worst(found.vector, expected.vector, 20 * length)).toBeLessThan(1e-5);
      expect(found.dataSquare / expected.dataSquare).toBeCloseTo(1, 5);
    }
  });

  it('and their solution recover the coefficients that made the data', () => {
    const [n, length] = [12, 5000];
    const basis = noise(n * length, 5);
    const truth = Array.from({ length: n }, (_, i) => i - 4.5);
    const data = new Float32Array(length);
    for (let k = 0; k < length; k++) for (let i = 0; i < n; i++) data[k]! += truth[i]! * basis[i * length + k]!;
    const { matrix, vector, dataSquare } = kernels.run(normalEquations({ basis, n, length, data }));
    const solution = kernels.run(solveSymmetric({ matrix, n, right: vector }));
    expect(worst(solution, truth, 1)).toBeLessThan(1e-4);
    const explained = solution.reduce((sum, value, i) => sum + value * vector[i]!, 0);
    expect(explained / dataSquare).toBeCloseTo(1, 5);
  });

  it('refuse arrays that are too short', () => {
    const run = (options: object) => () =>
      kernels.run(
        normalEquations({ basis: new Float32Array(8), n: 2, length: 4, data: new Float32Array(4), ...options }),
      );
    expect(run({ basis: new Float32Array(7) })).toThrow(expect.objectContaining({ code: 'SIZE_MISMATCH', value: 7 }));
    expect(run({ data: new Float32Array(3) })).toThrow(expect.objectContaining({ code: 'SIZE_MISMATCH' }));
    expect(run({ weights: new Float32Array(3) })).toThrow(expect.objectContaining({ code: 'SIZE_MISMATCH' }));
    expect(run({ n: 0 })).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });
});

describe('the Cholesky solution', () => {
  const positive = (n: number): Float64Array => {
    const v = Float64Array.from(noise(n * n, 6));
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        for (let k = 0; k < n; k++) a[i * n + j]! += v[i * n + k]! * v[j * n + k]!;
        if (i === j) a[i * n + j]! += n;
      }
    return a;
  };

  it.each([1, 2, 3, 4, 5, 8, 31, 100])('of %i unknowns agrees with the reference and solves the system', (n) => {
    const matrix = positive(n);
    const columns = 6;
    const right = Float64Array.from(noise(n * columns, 7));
    const [matrixBefore, rightBefore] = [matrix.slice(), right.slice()];
    const x = kernels.run(solveSymmetric({ matrix, n, right, columns }));
    expect(matrix).toEqual(matrixBefore);
    expect(right).toEqual(rightBefore);
    // doubles and a condition number of some 10
    expect(worst(x, solveSymmetricReference({ matrix, n, right, columns }), 1)).toBeLessThan(1e-12);
    for (let c = 0; c < columns; c++)
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += matrix[i * n + j]! * x[c * n + j]!;
        expect(Math.abs(sum - right[c * n + i]!)).toBeLessThan(1e-10);
      }
  });

  it('refuses matrices that are not positive definite, with the row that shows it', () => {
    for (const [bad, row] of [
      [0, 9],
      [-1, 9],
      [NaN, 9],
    ] as const) {
      const matrix = positive(12);
      matrix[9 * 12 + 9] = bad;
      const system = { matrix, n: 12, right: new Float64Array(12) };
      for (const solve of [() => kernels.run(solveSymmetric(system)), () => solveSymmetricReference(system)])
        expect(solve).toThrow(expect.objectContaining({ code: 'SINGULAR', value: row }));
    }
    expect(kernels.run(solveSymmetric({ matrix: new Float64Array(), n: 0, right: new Float64Array() }))).toHaveLength(
      0,
    );
    expect(() =>
      kernels.run(solveSymmetric({ matrix: new Float64Array(3), n: 2, right: new Float64Array(2) })),
    ).toThrow(expect.objectContaining({ code: 'SIZE_MISMATCH' }));
  });
});
