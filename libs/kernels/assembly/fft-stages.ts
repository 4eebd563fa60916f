// Stockham's self-sorting Fourier transform of 2^a 3^b 5^c points between two buffers, many at once: an element is one vector or more, and every
// lane is a transform of its own. Frequencies come out in their natural order. Real and imaginary parts are separate.

// @ts-ignore: decorator
@inline
export function mulRe(ar: v128, ai: v128, br: v128, bi: v128): v128 {
  return f32x4.sub(f32x4.mul(ar, br), f32x4.mul(ai, bi));
}
// @ts-ignore: decorator
@inline
export function mulIm(ar: v128, ai: v128, br: v128, bi: v128): v128 {
  return f32x4.add(f32x4.mul(ar, bi), f32x4.mul(ai, br));
}

/**
 * One stage of radix 4 over sequences of length n at stride s (in bytes): input element p + k n/4, output element 4 p + k.
 * Twiddles: (re, im) of w^p, w^2p, w^3p for each p.
 */
function radix4(xr: usize, xi: usize, yr: usize, yi: usize, m: i32, s: usize, tw: usize): void {
  const ms = <usize>m * s;
  for (let p = 0; p < m; p++) {
    const w1r = v128.load32_splat(tw);
    const w1i = v128.load32_splat(tw, 4);
    const w2r = v128.load32_splat(tw, 8);
    const w2i = v128.load32_splat(tw, 12);
    const w3r = v128.load32_splat(tw, 16);
    const w3i = v128.load32_splat(tw, 20);
    tw += 24;
    let a = xr + <usize>p * s;
    let b = xi + <usize>p * s;
    let c = yr + (<usize>p << 2) * s;
    let d = yi + (<usize>p << 2) * s;
    const end = a + s;
    while (a < end) {
      const r0 = v128.load(a);
      const i0 = v128.load(b);
      const r1 = v128.load(a + ms);
      const i1 = v128.load(b + ms);
      const r2 = v128.load(a + 2 * ms);
      const i2 = v128.load(b + 2 * ms);
      const r3 = v128.load(a + 3 * ms);
      const i3 = v128.load(b + 3 * ms);
      const sr = f32x4.add(r0, r2);
      const si = f32x4.add(i0, i2);
      const dr = f32x4.sub(r0, r2);
      const di = f32x4.sub(i0, i2);
      const tr = f32x4.add(r1, r3);
      const ti = f32x4.add(i1, i3);
      const ur = f32x4.sub(i1, i3); // -i (x1 - x3)
      const ui = f32x4.sub(r3, r1);
      v128.store(c, f32x4.add(sr, tr));
      v128.store(d, f32x4.add(si, ti));
      let er = f32x4.add(dr, ur);
      let ei = f32x4.add(di, ui);
      v128.store(c + s, mulRe(er, ei, w1r, w1i));
      v128.store(d + s, mulIm(er, ei, w1r, w1i));
      er = f32x4.sub(sr, tr);
      ei = f32x4.sub(si, ti);
      v128.store(c + 2 * s, mulRe(er, ei, w2r, w2i));
      v128.store(d + 2 * s, mulIm(er, ei, w2r, w2i));
      er = f32x4.sub(dr, ur);
      ei = f32x4.sub(di, ui);
      v128.store(c + 3 * s, mulRe(er, ei, w3r, w3i));
      v128.store(d + 3 * s, mulIm(er, ei, w3r, w3i));
      a += 16;
      b += 16;
      c += 16;
      d += 16;
    }
  }
}

function radix2(xr: usize, xi: usize, yr: usize, yi: usize, m: i32, s: usize, tw: usize): void {
  const ms = <usize>m * s;
  for (let p = 0; p < m; p++) {
    const wr = v128.load32_splat(tw);
    const wi = v128.load32_splat(tw, 4);
    tw += 8;
    const a = xr + <usize>p * s;
    const b = xi + <usize>p * s;
    const c = yr + (<usize>p << 1) * s;
    const d = yi + (<usize>p << 1) * s;
    for (let q: usize = 0; q < s; q += 16) {
      const r0 = v128.load(a + q);
      const i0 = v128.load(b + q);
      const r1 = v128.load(a + ms + q);
      const i1 = v128.load(b + ms + q);
      const er = f32x4.sub(r0, r1);
      const ei = f32x4.sub(i0, i1);
      v128.store(c + q, f32x4.add(r0, r1));
      v128.store(d + q, f32x4.add(i0, i1));
      v128.store(c + s + q, mulRe(er, ei, wr, wi));
      v128.store(d + s + q, mulIm(er, ei, wr, wi));
    }
  }
}

/** Radix 3 and 5 as they are written: the sum of r inputs, each times its root. `roots`: (re, im) of exp(-2 pi i k / r). */
function radixOdd(xr: usize, xi: usize, yr: usize, yi: usize, m: i32, s: usize, tw: usize, r: i32, roots: usize): void {
  const ms = <usize>m * s;
  for (let p = 0; p < m; p++) {
    for (let k = 0; k < r; k++) {
      const last = tw + <usize>(p * (r - 1) + k - 1) * 8;
      const wr = k == 0 ? f32x4.splat(1) : v128.load32_splat(last);
      const wi = k == 0 ? f32x4.splat(0) : v128.load32_splat(last, 4);
      const c = yr + <usize>(p * r + k) * s;
      const d = yi + <usize>(p * r + k) * s;
      for (let q: usize = 0; q < s; q += 16) {
        let sr = v128.load(xr + <usize>p * s + q);
        let si = v128.load(xi + <usize>p * s + q);
        for (let j = 1; j < r; j++) {
          const root = roots + <usize>((j * k) % r) * 8;
          const gr = v128.load32_splat(root);
          const gi = v128.load32_splat(root, 4);
          const br = v128.load(xr + <usize>p * s + <usize>j * ms + q);
          const bi = v128.load(xi + <usize>p * s + <usize>j * ms + q);
          sr = f32x4.add(sr, mulRe(br, bi, gr, gi));
          si = f32x4.add(si, mulIm(br, bi, gr, gi));
        }
        v128.store(c + q, mulRe(sr, si, wr, wi));
        v128.store(d + q, mulIm(sr, si, wr, wi));
      }
    }
  }
}

/**
 * Transforms n elements of `bytes` bytes each at (ar, ai), with (br, bi) as the other buffer. `plan`: number of stages, then for each its
 * radix and the pointers of its twiddles and roots. True when the result is in b.
 */
export function transform(ar: usize, ai: usize, br: usize, bi: usize, n: i32, bytes: usize, plan: usize): bool {
  const stages = load<i32>(plan);
  let s = bytes;
  let swapped = false;
  for (let k = 0; k < stages; k++) {
    plan += 4;
    const radix = load<i32>(plan);
    plan += 4;
    const tw = <usize>load<u32>(plan);
    plan += 4;
    const roots = <usize>load<u32>(plan);
    const m = n / radix;
    if (radix == 4) radix4(ar, ai, br, bi, m, s, tw);
    else if (radix == 2) radix2(ar, ai, br, bi, m, s, tw);
    else radixOdd(ar, ai, br, bi, m, s, tw, radix, roots);
    let t = ar;
    ar = br;
    br = t;
    t = ai;
    ai = bi;
    bi = t;
    n = m;
    s *= <usize>radix;
    swapped = !swapped;
  }
  return swapped;
}
