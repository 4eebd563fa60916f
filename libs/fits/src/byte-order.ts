// Big-endian file order to machine order and back. FITS is big-endian; typed arrays follow the machine.

import { swapByVectors } from './swap-simd.js';

export const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export type ItemSize = 1 | 2 | 4 | 8;

/** Below this many bytes a call into WebAssembly costs more than it saves. */
const VECTORS_FROM = 512;

/** Reverses the bytes of each item in place. `bytes` must begin at a multiple of the item size and hold whole items. */
export function swapInPlace(bytes: Uint8Array, itemSize: ItemSize): void {
  if (itemSize === 1) return;
  if (bytes.length >= VECTORS_FROM && swapByVectors(bytes, bytes, itemSize)) return;
  swapByLoops(bytes, itemSize);
}

export function swapByLoops(bytes: Uint8Array, itemSize: ItemSize): void {
  const { buffer, byteOffset, length } = bytes;
  if (itemSize === 2) {
    const v = new Uint16Array(buffer, byteOffset, length >> 1);
    for (let i = 0; i < v.length; i++) {
      const x = v[i]!;
      v[i] = (x << 8) | (x >>> 8);
    }
  } else if (itemSize === 4) {
    const v = new Uint32Array(buffer, byteOffset, length >> 2);
    for (let i = 0; i < v.length; i++) {
      const x = v[i]!;
      v[i] = (x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24);
    }
  } else if (itemSize === 8) {
    const v = new Uint32Array(buffer, byteOffset, length >> 2);
    for (let i = 0; i + 1 < v.length; i += 2) {
      const a = v[i]!;
      const b = v[i + 1]!;
      v[i] = (b << 24) | ((b & 0xff00) << 8) | ((b >>> 8) & 0xff00) | (b >>> 24);
      v[i + 1] = (a << 24) | ((a & 0xff00) << 8) | ((a >>> 8) & 0xff00) | (a >>> 24);
    }
  }
}

/** Copies `source` into `target` (of the same length) in file order. */
export function copyInFileOrder(source: Uint8Array, target: Uint8Array, itemSize: ItemSize): void {
  if (littleEndian && itemSize > 1 && source.length >= VECTORS_FROM && swapByVectors(source, target, itemSize as 2))
    return;
  target.set(source);
  if (littleEndian) swapByLoops(target, itemSize);
}
