// FITS data are big-endian. Source and target may be the same.

export function byteSwap16(source: usize, target: usize, from: i32, to: i32, _scratch: usize): void {
  let i = <usize>from << 1;
  const end = <usize>to << 1;
  for (; i + 64 <= end; i += 64) {
    const p = source + i;
    const q = target + i;
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    v128.store(q, v128.shuffle<u8>(a, a, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    v128.store(q, v128.shuffle<u8>(b, b, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14), 16);
    v128.store(q, v128.shuffle<u8>(c, c, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14), 32);
    v128.store(q, v128.shuffle<u8>(d, d, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14), 48);
  }
  for (; i < end; i += 2) store<u16>(target + i, bswap<u16>(load<u16>(source + i)));
}

export function byteSwap32(source: usize, target: usize, from: i32, to: i32, _scratch: usize): void {
  let i = <usize>from << 2;
  const end = <usize>to << 2;
  for (; i + 64 <= end; i += 64) {
    const p = source + i;
    const q = target + i;
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    v128.store(q, v128.shuffle<u8>(a, a, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
    v128.store(q, v128.shuffle<u8>(b, b, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12), 16);
    v128.store(q, v128.shuffle<u8>(c, c, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12), 32);
    v128.store(q, v128.shuffle<u8>(d, d, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12), 48);
  }
  for (; i < end; i += 4) store<u32>(target + i, bswap<u32>(load<u32>(source + i)));
}

export function byteSwap64(source: usize, target: usize, from: i32, to: i32, _scratch: usize): void {
  let i = <usize>from << 3;
  const end = <usize>to << 3;
  for (; i + 64 <= end; i += 64) {
    const p = source + i;
    const q = target + i;
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    v128.store(q, v128.shuffle<u8>(a, a, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));
    v128.store(q, v128.shuffle<u8>(b, b, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8), 16);
    v128.store(q, v128.shuffle<u8>(c, c, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8), 32);
    v128.store(q, v128.shuffle<u8>(d, d, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8), 48);
  }
  for (; i < end; i += 8) store<u64>(target + i, bswap<u64>(load<u64>(source + i)));
}
