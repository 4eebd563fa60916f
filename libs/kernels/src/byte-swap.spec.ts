import { byteSwap, byteSwap32Reference, byteSwapReference, KernelContext } from './index.js';
import { noise } from './testing/images.js';

const kernels = new KernelContext({ maximumBytes: 2 ** 24 });

describe('the byte swap', () => {
  it.each([2, 4, 8] as const)(
    'of values of %i bytes agrees with the reference, in place and not, for any count',
    (size) => {
      for (const count of [0, 1, 7, 8, 33, 1000, 300_001]) {
        const floats = kernels.allocator.float32(Math.ceil((count * size) / 4));
        floats.set(noise(floats.length, 3));
        const source = new Uint8Array(floats.buffer, floats.byteOffset, count * size);
        const expected = new Uint8Array(count * size);
        byteSwapReference(source, expected, size);
        const target = new Uint8Array(count * size);
        kernels.run(byteSwap({ source, target, size }));
        expect(Buffer.compare(target, expected)).toBe(0);
        kernels.run(byteSwap({ source, target: source, size }));
        expect(Buffer.compare(source, expected)).toBe(0);
      }
    },
  );

  it('reads numbers as FITS writes them', () => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setFloat32(0, Math.PI);
    new DataView(bytes.buffer).setFloat32(12, -1e-30);
    const values = new Float32Array(4);
    kernels.run(byteSwap({ source: bytes, target: values, size: 4 }));
    expect(values).toEqual(Float32Array.of(Math.PI, 0, 0, -1e-30));
    const words = new Uint32Array(4);
    byteSwap32Reference(new Uint32Array(bytes.buffer), words);
    expect(words).toEqual(new Uint32Array(values.buffer));
  });

  it('refuses bytes that are no whole values', () => {
    const source = new Uint8Array(10);
    expect(() => kernels.run(byteSwap({ source, target: source, size: 4 }))).toThrow(
      expect.objectContaining({ code: 'SIZE_MISMATCH', value: 10 }),
    );
    expect(() => kernels.run(byteSwap({ source, target: new Uint8Array(8), size: 2 }))).toThrow(
      expect.objectContaining({ code: 'SIZE_MISMATCH' }),
    );
  });
});
