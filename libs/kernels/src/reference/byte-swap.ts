/** Byte swap of 32-bit values in plain TypeScript. */
export function byteSwap32Reference(source: Uint32Array, target: Uint32Array): void {
  for (let i = 0; i < source.length; i++) {
    const v = source[i]!;
    target[i] = (v >>> 24) | ((v >>> 8) & 0xff00) | ((v << 8) & 0xff0000) | (v << 24);
  }
}

/** Byte swap of values of any size, byte by byte. */
export function byteSwapReference(source: Uint8Array, target: Uint8Array, size: number): void {
  for (let i = 0; i < source.length; i += size)
    for (let k = 0; k < size; k++) target[i + k] = source[i + size - 1 - k]!;
}
