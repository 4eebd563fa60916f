// HCOMPRESS_1: the H-transform (a two-dimensional Haar transform in integers), its bit planes coded as quadtrees.
// Source: FITS Standard 4.0, section 10.4.4; White, Postman & Lattanzi 1992. O(pixels * bit planes).
// Doubles hold the coefficients: exact to 2^53, which 32-bit images need.

import { FitsError } from '../errors.js';
import { smoothLevel } from './hcompress-smooth.js';

const damaged = (why: string): FitsError => new FitsError('BAD_COMPRESSION', `an HCOMPRESS stream is damaged: ${why}`);

/** A constant tile takes no bit planes at all, so this bound is a convention against absurd claims. */
export const hcompressMaxPixels = (bytes: number): number => bytes * 65536;

/** Decodes `count` pixels, in the order of the file, into `out`; `smooth` when the header asks for it. */
export function hcompressDecode(stream: Uint8Array, out: Int32Array, count: number, smooth = false): void {
  if (stream.length < 25) throw damaged(`${stream.length} bytes are too few`);
  if (stream[0] !== 0xdd || stream[1] !== 0x99) throw damaged('it does not begin with DD99');
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const nx = view.getInt32(2);
  const ny = view.getInt32(6);
  const scale = view.getInt32(10);
  const sum = Number(view.getBigInt64(14));
  if (nx <= 0 || ny <= 0 || nx * ny !== count) throw damaged(`it holds ${nx} x ${ny} pixels where ${count} should be`);
  const planes = [stream[22]!, stream[23]!, stream[24]!];
  if (planes.some((n) => n > 52)) throw damaged(`${Math.max(...planes)} bit planes`);
  const a = new Float64Array(count);
  const bits = new BitReader(stream, 25);
  const nx2 = (nx + 1) >> 1;
  const ny2 = (ny + 1) >> 1;
  const scratch = new Uint8Array((nx2 + 1) * (ny2 + 1) + 4);
  decodeQuadrant(bits, a, 0, ny, nx2, ny2, planes[0]!, scratch);
  decodeQuadrant(bits, a, ny2, ny, nx2, ny >> 1, planes[1]!, scratch);
  decodeQuadrant(bits, a, ny * nx2, ny, nx >> 1, ny2, planes[1]!, scratch);
  decodeQuadrant(bits, a, ny * nx2 + ny2, ny, nx >> 1, ny >> 1, planes[2]!, scratch);
  if (bits.read(4) !== 0) throw damaged('the end mark of the bit planes is missing');
  bits.align();
  for (let i = 0; i < count; i++) if (a[i] !== 0 && bits.read(1) === 1) a[i] = -a[i]!;
  a[0] = sum;
  if (scale > 1) for (let i = 0; i < count; i++) a[i]! *= scale;
  inverseTransform(a, nx, ny, smooth ? scale : 0);
  for (let i = 0; i < count; i++) out[i] = a[i]!;
}

class BitReader {
  #buffer = 0;
  #left = 0;
  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}
  read(n: number): number {
    while (this.#left < n) {
      if (this.at >= this.bytes.length) throw damaged('it ends early');
      this.#buffer = ((this.#buffer << 8) | this.bytes[this.at++]!) & 0xffff;
      this.#left += 8;
    }
    this.#left -= n;
    return (this.#buffer >> this.#left) & ((1 << n) - 1);
  }
  align(): void {
    this.#left = 0;
  }
  /** The fixed prefix code of the sixteen 2 x 2 patterns. */
  pattern(): number {
    let c = this.read(3);
    if (c < 4) return 1 << c;
    c = (c << 1) | this.read(1);
    if (c < 13) return FOUR_BITS[c - 8]!;
    c = (c << 1) | this.read(1);
    if (c < 31) return FIVE_BITS[c - 26]!;
    c = (c << 1) | this.read(1);
    return c === 62 ? 0 : 14;
  }
}
const FOUR_BITS = [3, 5, 10, 12, 15];
const FIVE_BITS = [6, 7, 9, 11, 13];

const ceilLog2 = (n: number): number => (n <= 1 ? 0 : 32 - Math.clz32(n - 1));

function decodeQuadrant(
  bits: BitReader,
  a: Float64Array,
  at: number,
  stride: number,
  nqx: number,
  nqy: number,
  planes: number,
  scratch: Uint8Array,
): void {
  const log2n = ceilLog2(Math.max(nqx, nqy));
  for (let bit = planes - 1; bit >= 0; bit--) {
    const form = bits.read(4);
    if (form === 0) {
      const n = ((nqx + 1) >> 1) * ((nqy + 1) >> 1);
      for (let i = 0; i < n; i++) scratch[i] = bits.read(4);
    } else if (form === 15) {
      scratch[0] = bits.pattern();
      let nx = 1;
      let ny = 1;
      let nfx = nqx;
      let nfy = nqy;
      let c = 2 ** log2n;
      for (let k = 1; k < log2n; k++) {
        c /= 2;
        nx *= 2;
        ny *= 2;
        if (nfx <= c) nx--;
        else nfx -= c;
        if (nfy <= c) ny--;
        else nfy -= c;
        spread(scratch, nx, ny);
        for (let i = nx * ny - 1; i >= 0; i--) if (scratch[i] !== 0) scratch[i] = bits.pattern();
      }
    } else throw damaged(`bit plane of form ${form}`);
    insertPlane(scratch, nqx, nqy, a, at, stride, 2 ** bit);
  }
}

/** Turns each pattern of a ceil(nx/2) x ceil(ny/2) array into its 2 x 2 flags, in place. */
function spread(b: Uint8Array, nx: number, ny: number): void {
  const nx2 = (nx + 1) >> 1;
  const ny2 = (ny + 1) >> 1;
  // from the end, so that nothing is overwritten before it is read: entry (i, j) moves to (2i, 2j)
  for (let i = nx2 - 1, k = nx2 * ny2 - 1; i >= 0; i--)
    for (let j = ny2 - 1; j >= 0; j--, k--) b[2 * (ny * i + j)] = b[k]!;
  for (let i = 0; i < nx; i += 2)
    for (let j = 0; j < ny; j += 2) {
      const s = ny * i + j;
      const pattern = b[s]!;
      b[s] = (pattern >> 3) & 1;
      if (j + 1 < ny) b[s + 1] = (pattern >> 2) & 1;
      if (i + 1 < nx) {
        b[s + ny] = (pattern >> 1) & 1;
        if (j + 1 < ny) b[s + ny + 1] = pattern & 1;
      }
    }
}

function insertPlane(
  patterns: Uint8Array,
  nx: number,
  ny: number,
  a: Float64Array,
  at: number,
  stride: number,
  weight: number,
): void {
  let k = 0;
  for (let i = 0; i < nx; i += 2)
    for (let j = 0; j < ny; j += 2) {
      const pattern = patterns[k++]!;
      if (pattern === 0) continue;
      const s = at + stride * i + j;
      if (pattern & 8) a[s]! += weight;
      if (pattern & 4 && j + 1 < ny) a[s + 1]! += weight;
      if (i + 1 < nx) {
        if (pattern & 2) a[s + stride]! += weight;
        if (pattern & 1 && j + 1 < ny) a[s + stride + 1]! += weight;
      }
    }
}

/** Interleaves the halves of a row or column of n coefficients. */
function interleave(a: Float64Array, at: number, n: number, stride: number, tmp: Float64Array): void {
  const half = (n + 1) >> 1;
  for (let i = half; i < n; i++) tmp[i - half] = a[at + i * stride]!;
  for (let i = half - 1; i > 0; i--) a[at + 2 * i * stride] = a[at + i * stride]!;
  for (let i = half; i < n; i++) a[at + (2 * (i - half) + 1) * stride] = tmp[i - half]!;
}

/** Rounds to a multiple of `unit`, halves away from zero on the positive side as the coder did. */
const roundTo = (value: number, unit: number, plus: number, minus: number): number =>
  Math.floor((value + (value >= 0 ? plus : minus)) / unit) * unit;
/** The bit of weight `unit` in two's complement. */
const bitOf = (value: number, unit: number): number => {
  const n = Math.floor(value / unit);
  return n - 2 * Math.floor(n / 2) === 0 ? 0 : unit;
};

/** `smoothing`: the quantisation step to smooth by, 0 for none */
function inverseTransform(a: Float64Array, nx: number, ny: number, smoothing: number): void {
  const log2n = ceilLog2(Math.max(nx, ny));
  const tmp = new Float64Array((Math.max(nx, ny) + 1) >> 1);
  let bit0 = 2 ** (log2n - 1);
  let bit1 = bit0 * 2;
  const half = (bit: number): number => Math.floor(bit / 2);
  let plus0 = half(bit0);
  let plus1 = half(bit1);
  let minus0 = plus0 - 1;
  let minus1 = plus1 - 1;
  const bit2 = bit0 * 4;
  a[0] = roundTo(a[0]!, bit2, half(bit2), half(bit2) - 1);
  let nxtop = 1;
  let nytop = 1;
  let nxf = nx;
  let nyf = ny;
  let c = 2 ** log2n;
  for (let k = log2n - 1; k >= 0; k--) {
    c /= 2;
    nxtop *= 2;
    nytop *= 2;
    if (nxf <= c) nxtop--;
    else nxf -= c;
    if (nyf <= c) nytop--;
    else nyf -= c;
    const divide = k === 0 ? 4 : 2;
    if (k === 0) minus0 = 0;
    for (let i = 0; i < nxtop; i++) interleave(a, ny * i, nytop, 1, tmp);
    for (let j = 0; j < nytop; j++) interleave(a, j, nxtop, ny, tmp);
    smoothLevel(a, nxtop, nytop, ny, smoothing);
    for (let i = 0; i < nxtop; i += 2)
      for (let j = 0; j < nytop; j += 2) {
        const s = ny * i + j;
        const right = j + 1 < nytop;
        const below = i + 1 < nxtop;
        let h0 = a[s]!;
        if (right && below) {
          let hx = roundTo(a[s + ny]!, bit1, plus1, minus1);
          let hy = roundTo(a[s + 1]!, bit1, plus1, minus1);
          const hc = roundTo(a[s + ny + 1]!, bit0, plus0, minus0);
          const low0 = bitOf(hc, bit0);
          hx += hx >= 0 ? -low0 : low0;
          hy += hy >= 0 ? -low0 : low0;
          const odd = (bitOf(hc, bit1) + bitOf(hx, bit1) + bitOf(hy, bit1)) / bit1;
          const low1 = odd % 2 === 1 ? bit1 : 0;
          h0 += h0 >= 0 ? low0 - low1 : low0 === 0 ? low1 : low0 - low1;
          a[s + ny + 1] = Math.floor((h0 + hx + hy + hc) / divide);
          a[s + ny] = Math.floor((h0 + hx - hy - hc) / divide);
          a[s + 1] = Math.floor((h0 - hx + hy - hc) / divide);
          a[s] = Math.floor((h0 - hx - hy + hc) / divide);
        } else if (right || below) {
          const other = right ? s + 1 : s + ny;
          const h = roundTo(a[other]!, bit1, plus1, minus1);
          const low1 = bitOf(h, bit1);
          h0 += h0 >= 0 ? -low1 : low1;
          a[other] = Math.floor((h0 + h) / divide);
          a[s] = Math.floor((h0 - h) / divide);
        } else a[s] = Math.floor(h0 / divide);
      }
    bit1 = bit0;
    bit0 = Math.floor(bit0 / 2);
    plus1 = plus0;
    plus0 = Math.floor(plus0 / 2);
    minus1 = minus0;
    minus0 = plus0 - 1;
  }
}
