import { describe, expect, it } from '@jest/globals';
import { copyInFileOrder, type ItemSize, littleEndian, swapByLoops, swapInPlace } from './byte-order.js';
import { swapByVectors } from './swap-simd.js';

const ramp = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8));

/** Item by item, as a DataView reads it. */
function reversed(bytes: Uint8Array, item: number): Uint8Array {
  return bytes.map((_, i) => bytes[i - (i % item) + item - 1 - (i % item)]!);
}

describe.each([2, 4, 8] as const)('items of %i bytes', (item) => {
  // below and above where vectors begin, no multiple of 16, one window and several with a rest
  it.each([0, 8, 504, 520, 1000, 131072, 3 * 131072 + 24])('%i bytes are reversed item by item', (length) => {
    const bytes = ramp(length);
    const expected = Buffer.from(reversed(bytes, item));
    const swapped = bytes.slice();
    swapInPlace(swapped, item);
    expect(Buffer.compare(swapped, expected)).toBe(0);
    const looped = bytes.slice();
    swapByLoops(looped, item);
    expect(Buffer.compare(looped, expected)).toBe(0);
    const target = new Uint8Array(length);
    copyInFileOrder(bytes, target, item);
    expect(Buffer.compare(target, littleEndian ? expected : Buffer.from(bytes))).toBe(0);
    expect(Buffer.compare(bytes, ramp(length))).toBe(0);
  });
  it('vectors are to be had here, and touch nothing beyond the given bytes', () => {
    const around = ramp(4096);
    const inner = around.subarray(64, 64 + 1000);
    expect(swapByVectors(inner, inner, item)).toBe(true);
    expect(around.subarray(0, 64)).toEqual(ramp(4096).subarray(0, 64));
    expect(around.subarray(1064)).toEqual(ramp(4096).subarray(1064));
  });
});

it('bytes have no order', () => {
  const bytes = ramp(2000);
  swapInPlace(bytes, 1 as ItemSize);
  const target = new Uint8Array(2000);
  copyInFileOrder(bytes, target, 1);
  expect(Buffer.compare(target, ramp(2000))).toBe(0);
});
