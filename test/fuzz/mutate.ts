// Seeded damage: bit flips, splices, truncations, inflated numbers, moved and doubled blocks, and the edits of a target.
import type { Edit } from './fuzz-target.js';
import { Random } from './random.js';

/** Inputs stay small, so that memory is a matter of what they claim, not of what they are. */
const LARGEST = 1 << 20;

/** The damaged input number `index` of a run; the same for the same seeds, edits, seed and index. */
export function mutate(seeds: readonly Uint8Array[], edits: readonly Edit[], seed: number, index: number): Uint8Array {
  const random = new Random(seed, index);
  let bytes: Uint8Array = Uint8Array.from(random.pick(seeds));
  const times = 1 + random.below(random.next() < 0.2 ? 16 : 4);
  for (let k = 0; k < times; k++) {
    const own = edits.length > 0 && random.next() < 0.5;
    const edit = random.pick(own ? edits : random.next() < 0.1 ? [splice(seeds), ...RESIZING] : IN_PLACE);
    const changed = edit(bytes, random);
    if (changed.length <= LARGEST) bytes = new Uint8Array(changed.buffer, changed.byteOffset, changed.length);
  }
  return bytes;
}

const isDigit = (code: number | undefined): boolean => code !== undefined && code >= 0x30 && code <= 0x39;

const flipBit: Edit = (bytes, random) => {
  const at = random.below(bytes.length);
  if (bytes.length > 0) bytes[at]! ^= 1 << random.below(8);
  return bytes;
};

const setByte: Edit = (bytes, random) => {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
};

const fillRun: Edit = (bytes, random) => {
  const at = random.below(bytes.length);
  return bytes.fill(random.pick([0, 0x20, 0xff, 0x39, 0x7f]), at, at + 1 + random.below(100));
};

/** Where the next run of digits begins and ends, from a random place on. */
function digitsOf(bytes: Uint8Array, random: Random): { start: number; end: number } | undefined {
  let start = random.below(bytes.length);
  while (start < bytes.length && !isDigit(bytes[start])) start++;
  let end = start;
  while (isDigit(bytes[end])) end++;
  return end > start ? { start, end } : undefined;
}

const changeDigit: Edit = (bytes, random) => {
  const run = digitsOf(bytes, random);
  if (run) bytes[run.start + random.below(run.end - run.start)] = 0x30 + random.below(10);
  return bytes;
};

/** More digits to the left of a number, over what stood there. */
const inflateNumber: Edit = (bytes, random) => {
  const run = digitsOf(bytes, random);
  if (run) bytes.fill(random.pick([0x39, 0x31]), Math.max(0, run.start - 1 - random.below(18)), run.end);
  return bytes;
};

const NUMBERS = [
  '0',
  '-1',
  '1',
  '255',
  '65536',
  '2147483647',
  '2147483648',
  '4294967295',
  '9223372036854775808',
  '1E30',
  'NaN',
];

/** One number in place of another, of another length. */
const replaceNumber: Edit = (bytes, random) => {
  const run = digitsOf(bytes, random);
  return run ? replaced(bytes, run.start, run.end, new TextEncoder().encode(random.pick(NUMBERS))) : bytes;
};

/** A binary integer at one of the ends of its range. */
const extremeInteger: Edit = (bytes, random) => {
  const width = random.pick([2, 4, 8]);
  if (bytes.length < width) return bytes;
  const at = random.below(bytes.length - width + 1);
  const [first, rest] = random.pick([
    [0x7f, 0xff],
    [0x80, 0],
    [0xff, 0xff],
    [0, 0],
    [0x40, 0],
  ]) as [number, number];
  bytes.fill(rest, at, at + width);
  bytes[random.next() < 0.8 ? at : at + width - 1] = first;
  return bytes;
};

const copyBlock: Edit = (bytes, random) => {
  const from = random.below(bytes.length);
  return bytes.copyWithin(random.below(bytes.length), from, from + 1 + random.below(4096));
};

const truncate: Edit = (bytes, random) => bytes.slice(0, random.below(bytes.length));

const removeBlock: Edit = (bytes, random) => {
  const start = random.below(bytes.length);
  return replaced(bytes, start, start + 1 + random.below(4096), new Uint8Array(0));
};

const doubleBlock: Edit = (bytes, random) => {
  const start = random.below(bytes.length);
  const block = bytes.slice(start, start + 1 + random.below(4096));
  const at = random.next() < 0.5 ? start : random.below(bytes.length);
  return replaced(bytes, at, at, block);
};

/** The beginning of one input, the end of another. */
const splice =
  (seeds: readonly Uint8Array[]): Edit =>
  (bytes, random) => {
    const other = random.pick(seeds);
    const at = random.below(bytes.length);
    return replaced(bytes, at, bytes.length, other.subarray(random.next() < 0.5 ? at : random.below(other.length)));
  };

const IN_PLACE = [flipBit, setByte, fillRun, changeDigit, inflateNumber, replaceNumber, extremeInteger, copyBlock];
const RESIZING = [truncate, removeBlock, doubleBlock];

/** The bytes with [start, end) replaced by others. */
export function replaced(bytes: Uint8Array, start: number, end: number, by: Uint8Array): Uint8Array {
  const tail = bytes.subarray(end);
  const out = new Uint8Array(start + by.length + tail.length);
  out.set(bytes.subarray(0, start));
  out.set(by, start);
  out.set(tail, start + by.length);
  return out;
}
