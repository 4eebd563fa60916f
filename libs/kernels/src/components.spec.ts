import { findComponents, findComponentsReference, KernelContext } from './index.js';
import { noise, same, sky } from './testing/images.js';

const kernels = new KernelContext({ maximumBytes: 2 ** 26 });
const labelPlane = (width: number, height: number) => ({
  width,
  height,
  data: new Int32Array(width * height).fill(-1),
});

describe('connected components', () => {
  it.each([
    [1, 1],
    [3, 5],
    [63, 40],
    [64, 65],
    [65, 64],
    [128, 30],
    [300, 200],
  ])('of %i x %i pixels are those of the reference: runs, labels, count', (width, height) => {
    for (const [data, threshold] of [
      [sky(width, height, 3, 5), 1060],
      [noise(width * height, 2), 0], // percolating: long chains of joins
      [noise(width * height, 3), -10],
      [noise(width * height, 4), 10],
    ] as const)
      for (const sign of [1, -1] as const) {
        const source = { width, height, data };
        const [labels, expectedLabels] = [labelPlane(width, height), labelPlane(width, height)];
        const found = kernels.run(findComponents({ source, threshold, sign, labels }));
        const expected = findComponentsReference({ source, threshold, sign, labels: expectedLabels });
        expect(found.count).toBe(expected.count);
        expect(same(found.runs, expected.runs)).toBe(true);
        expect(same(labels.data, expectedLabels.data)).toBe(true);
      }
  });

  it('join over corners, count from the first pixel, and end runs at the edge', () => {
    const picture = ['#..#.....#', '.##....#.#', '......#..#', '#.....##.#'];
    const [width, height] = [10, 4];
    const source = { width, height, data: Float32Array.from(picture.join(''), (c) => (c === '#' ? 1 : 0)) };
    const { count, runs } = kernels.run(findComponents({ source, threshold: 0.5 }));
    expect(count).toBe(4);
    expect(runs.slice(0, 12)).toEqual(Int32Array.of(0, 0, 0, 0, 0, 3, 3, 0, 0, 9, 9, 1));
    expect([...runs].filter((_, i) => i % 4 === 3)).toEqual([0, 0, 1, 0, 2, 1, 2, 1, 3, 2, 1]);
  });

  it('compare with a limit of each pixel', () => {
    const [width, height] = [130, 20];
    const source = { width, height, data: noise(width * height, 6, 0, 3) };
    const limit = { width, height, data: noise(width * height, 7, 2, 0.5) };
    const found = kernels.run(findComponents({ source, limit, threshold: 1.5 }));
    const expected = findComponentsReference({
      source: { width, height, data: source.data.map((v, i) => (v > Math.fround(1.5 * limit.data[i]!) ? 1 : 0)) },
      threshold: 0.5,
    });
    expect(same(found.runs, expected.runs)).toBe(true);
    expect(found.count).toBeGreaterThan(10);
  });

  it('are none in an empty image, in NaN and below the threshold, and one in a full image', () => {
    expect(kernels.run(findComponents({ source: kernels.plane(0, 0), threshold: 0 }))).toEqual({
      count: 0,
      runs: new Int32Array(),
    });
    const source = kernels.plane(100, 100);
    source.data.fill(NaN);
    const labels = labelPlane(100, 100);
    expect(kernels.run(findComponents({ source, threshold: -Infinity, labels })).count).toBe(0);
    expect(labels.data.every((label) => label === 0)).toBe(true);
    source.data.fill(1);
    expect(kernels.run(findComponents({ source, threshold: 0 })).count).toBe(1);
  });

  it('answer too little memory for the runs with a typed error', () => {
    const small = new KernelContext({ maximumBytes: 2 ** 20 });
    const source = { width: 400, height: 500, data: Float32Array.from({ length: 200_000 }, (_, i) => i % 2) };
    expect(() => small.run(findComponents({ source, threshold: 0.5 }))).toThrow(
      expect.objectContaining({ code: 'OUT_OF_MEMORY' }),
    );
  });
});
