// Directions and pixels to compare at, always the same ones, and numbers to and from Python as bytes.
export interface Directions {
  readonly ra: Float64Array;
  readonly dec: Float64Array;
}

export function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

export function randomDirections(count: number, random = generator(20)): Directions {
  const ra = new Float64Array(count);
  const dec = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    ra[i] = 360 * random();
    dec[i] = (Math.asin(2 * random() - 1) * 180) / Math.PI;
  }
  return { ra, dec };
}

/** pixels at random over the sky and, every other one, among the first and the last of the numbering */
export function randomPixels(order: number, count: number, random = generator(order + 3)): BigInt64Array {
  const all = 12n * 4n ** BigInt(order);
  const near = all < 4000n ? all : 4000n;
  return BigInt64Array.from({ length: count }, (_, i) => {
    const far = (BigInt(Math.floor(random() * 2 ** 31)) << 31n) | BigInt(Math.floor(random() * 2 ** 31));
    const close = BigInt(Math.floor(random() * Number(near)));
    return i % 4 === 0 ? close : i % 4 === 1 ? all - 1n - close : (far * all) >> 62n;
  });
}

export const bytesOf = (...arrays: (Float64Array | BigInt64Array)[]): Uint8Array =>
  Buffer.concat(arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)));
export const integers = (bytes: Buffer): BigInt64Array => new BigInt64Array(new Uint8Array(bytes).buffer);
export const doubles = (bytes: Buffer): Float64Array => new Float64Array(new Uint8Array(bytes).buffer);
