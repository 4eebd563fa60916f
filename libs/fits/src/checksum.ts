// CHECKSUM and DATASUM (FITS Standard 4.0, appendix J): 32-bit ones'-complement sums over an HDU.

import type { HduLayout } from './layout.js';
import { BLOCK } from './cards.js';
import type { ReadableAt } from './source.js';

export interface ChecksumVerdict {
  /** undefined when the keyword is absent */
  readonly datasum?: boolean;
  readonly checksum?: boolean;
}

/** Adds bytes (as big-endian 32-bit words; a last incomplete word is padded with zeros) to a ones'-complement sum. */
export function addToSum(sum: number, bytes: Uint8Array): number {
  let high = sum >>> 16;
  let low = sum & 0xffff;
  const n = bytes.length & ~3;
  let i = 0;
  while (i < n) {
    // carries are folded in before 2^32 additions of 16 bits could pass 2^53; 64 Ki words stay far below
    const stop = Math.min(n, i + 262144);
    for (; i < stop; i += 4) {
      high += (bytes[i]! << 8) | bytes[i + 1]!;
      low += (bytes[i + 2]! << 8) | bytes[i + 3]!;
    }
    [high, low] = fold(high, low);
  }
  if (n < bytes.length) {
    high += (bytes[n]! << 8) | (bytes[n + 1] ?? 0);
    low += (bytes[n + 2] ?? 0) << 8;
    [high, low] = fold(high, low);
  }
  return ((high << 16) | low) >>> 0;
}

function fold(high: number, low: number): [number, number] {
  while (high > 0xffff || low > 0xffff) {
    const carryHigh = Math.floor(high / 65536);
    const carryLow = Math.floor(low / 65536);
    high = (high & 0xffff) + carryLow;
    low = (low & 0xffff) + carryHigh;
  }
  return [high, low];
}

/** The 16 characters that make an HDU with this sum (CHECKSUM as sixteen '0') add up to zero. */
export function encodeChecksum(sum: number): string {
  const value = ~sum >>> 0;
  const characters: string[] = [];
  for (let i = 0; i < 4; i++) {
    const byte = (value >>> (24 - 8 * i)) & 0xff;
    const quotient = Math.floor(byte / 4) + 48;
    const four = [quotient + (byte % 4), quotient, quotient, quotient];
    // no punctuation: move pairs apart, which keeps their sum
    for (let changed = true; changed;) {
      changed = false;
      for (const k of [0, 2])
        if (isPunctuation(four[k]!) || isPunctuation(four[k + 1]!)) {
          four[k]!++;
          four[k + 1]!--;
          changed = true;
        }
    }
    for (let k = 0; k < 4; k++) characters[4 * k + i] = String.fromCharCode(four[k]!);
  }
  return characters[15]! + characters.slice(0, 15).join('');
}
const isPunctuation = (code: number): boolean => (code >= 0x3a && code <= 0x40) || (code >= 0x5b && code <= 0x60);

async function sumOf(source: ReadableAt, from: number, to: number, start: number): Promise<number> {
  let sum = start;
  const piece = 4 << 20;
  for (let at = from; at < to; at += piece) sum = addToSum(sum, await source.readAt(at, Math.min(piece, to - at)));
  return sum;
}

export async function verifyChecksum(source: ReadableAt, hdu: HduLayout): Promise<ChecksumVerdict> {
  const stored = hdu.header.get('DATASUM');
  const hasChecksum = hdu.header.has('CHECKSUM') && String(hdu.header.get('CHECKSUM') ?? '').trim() !== '';
  const hasDatasum = stored !== undefined && String(stored).trim() !== '';
  if (!hasChecksum && !hasDatasum) return {};
  const end = hdu.dataOffset + Math.ceil(hdu.dataSize / BLOCK) * BLOCK;
  const datasum = await sumOf(
    source,
    hdu.dataOffset,
    Math.min(end, Math.max(source.size, hdu.dataOffset + hdu.dataSize)),
    0,
  );
  const total = hasChecksum ? await sumOf(source, hdu.headerOffset, hdu.dataOffset, datasum) : 0;
  return {
    ...(hasDatasum && {
      datasum: /^\s*\d+\s*$/.test(String(stored)) && BigInt(String(stored).trim()) === BigInt(datasum),
    }),
    ...(hasChecksum && { checksum: total === 0xffffffff || total === 0 }),
  };
}
