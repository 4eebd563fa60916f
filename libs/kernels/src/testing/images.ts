// Seeded images for the specs of this library.

/** Uniform numbers in [0, 1). */
export function uniform(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export function noise(length: number, seed = 1, level = 0, sigma = 1): Float32Array {
  const next = uniform(seed);
  return Float32Array.from(
    { length },
    () => level + sigma * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
}

/** Noise on a sky with bright spots in it, some NaN and infinite pixels. */
export function sky(width: number, height: number, seed = 1, broken = 0): Float32Array {
  const data = noise(width * height, seed, 1000, 30);
  const next = uniform(seed + 77);
  for (let spot = 0; spot < (width * height) / 400; spot++) {
    const x = Math.floor(next() * width);
    const y = Math.floor(next() * height);
    const flux = 200 / (0.01 + next());
    for (let j = -3; j <= 3; j++)
      for (let i = -3; i <= 3; i++)
        if (x + i >= 0 && x + i < width && y + j >= 0 && y + j < height)
          data[(y + j) * width + x + i]! += flux * Math.exp(-(i * i + j * j) / 3);
  }
  for (let k = 0; k < broken; k++) data[Math.floor(next() * data.length)] = [NaN, Infinity, -Infinity][k % 3]!;
  return data;
}

/** Largest difference relative to `scale`; infinite where one is finite and the other is not, or the kinds of infinity differ. */
export function worst(a: ArrayLike<number>, b: ArrayLike<number>, scale: number | ((value: number) => number)): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    const difference = Math.abs(a[i]! - b[i]!) / (typeof scale === 'number' ? scale : scale(b[i]!));
    largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
  }
  return a.length === b.length ? largest : Infinity;
}

export const differingBits = (a: Float32Array, b: Float32Array): number => {
  const [p, q] = [a, b].map((view) => new Int32Array(view.slice().buffer)) as [Int32Array, Int32Array];
  return p.reduce((count, word, i) => count + (word === q[i] ? 0 : 1), 0);
};

/** Whether two arrays hold the same values; much faster than a matcher that explains differences. */
export const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => worst(a, b, 1e-300) === 0;
