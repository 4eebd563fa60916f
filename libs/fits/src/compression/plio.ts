// PLIO_1: the IRAF pixel-list encoding, run lengths of non-negative integers below 2^24 in 16-bit instructions.
// Source: FITS Standard 4.0, section 10.4.3; IRAF pl_l2pi. O(instructions + pixels).

import { FitsError } from '../errors.js';

/** An instruction covers at most 4095 pixels. */
export const plioMaxPixels = (bytes: number): number => Math.floor(bytes / 2) * 4095;

/** Decodes big-endian 16-bit words into `out[0 .. count)`; pixels the list does not reach are zero. */
export function plioDecode(stream: Uint8Array, out: Int32Array, count: number): void {
  const words = stream.length >> 1;
  const word = (i: number): number => ((stream[2 * i]! << 8) | stream[2 * i + 1]!) & 0xffff;
  const damaged = (why: string): FitsError => new FitsError('BAD_COMPRESSION', `a PLIO stream is damaged: ${why}`);
  if (words < 3) throw damaged(`${stream.length} bytes are too few`);
  // old lists: word 2 (from 0) is the length; new ones have a negative word there and a longer header
  const signed = (word(2) << 16) >> 16;
  const length = signed > 0 ? signed : words < 5 ? 0 : ((word(4) << 15) + word(3)) | 0;
  const first = signed > 0 ? 3 : word(1);
  if (length > words || length < 0 || (length > 0 && first < 3)) throw damaged(`it claims ${length} words of ${words}`);
  out.fill(0, 0, count);
  let x = 0;
  let high = 1;
  for (let i = first; i < length && x < count; i++) {
    const instruction = word(i);
    const op = instruction >> 12;
    const data = instruction & 4095;
    switch (op) {
      case 0: // data zeros
        x += data;
        break;
      case 4: // data high values
        out.fill(high, x, Math.min(count, x + data));
        x += data;
        break;
      case 5: // data - 1 zeros and one high value
        x += data;
        if (x > 0 && x <= count) out[x - 1] = high;
        break;
      case 1: // a new high value in two words
        if (i + 1 >= length) throw damaged('it ends within an instruction');
        high = (word(i + 1) << 12) + data;
        i++;
        break;
      case 2:
        high += data;
        break;
      case 3:
        high -= data;
        break;
      case 6: // change the high value and put one
        high += data;
        if (x < count) out[x] = high;
        x++;
        break;
      case 7:
        high -= data;
        if (x < count) out[x] = high;
        x++;
        break;
      default:
        throw damaged(`unknown instruction ${op}`);
    }
  }
}
