// Coverage maps and regions: damaged ASCII, JSON and FITS maps, read and put to use; damaged DALI and STC-S regions.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FitsError } from '#libs/fits';
import { encodeMocFits, Moc, parseRegion, readMocFits, SkyError, SkyShape, SpaceTimeMoc, TimeMoc } from '#libs/sky';
import type { FuzzTarget } from './fuzz-target.js';
import { replaced } from './mutate.js';
import type { Random } from './random.js';

export const mocTarget: FuzzTarget = {
  name: 'moc',
  seeds: () => [...written(), ...realFiles()],
  edits: [insertToken, insertToken, insertToken, setKeyword, setRow],
  attempt,
  isTyped: (error) => error instanceof SkyError || error instanceof FitsError,
};

async function attempt(bytes: Uint8Array): Promise<void> {
  const text = Buffer.from(bytes).toString('latin1');
  if (text.startsWith('SIMPLE')) return use(await readMocFits(bytes));
  if (/^[A-Z]/i.test(text) && !/^[st]\d/.test(text)) return useShape(new SkyShape(parseRegion(text)));
  if (text.startsWith('[')) return use(SpaceTimeMoc.fromJson(text));
  const json = text.startsWith('{');
  if (text.startsWith('t') && text.includes('s')) return use(SpaceTimeMoc.fromAscii(text));
  // the first digits tell the dimension: orders beyond 29 are of time
  const time = text.startsWith('t') || Number(/\d+/.exec(text)?.[0] ?? 0) > 29;
  if (time) return use(json ? TimeMoc.fromJson(text) : TimeMoc.fromAscii(text));
  return use(json ? Moc.fromJson(text) : Moc.fromAscii(text));
}

/** What was read can be used: it comes back from its own text, and the laws of sets hold. */
function use(map: Moc | TimeMoc | SpaceTimeMoc): void {
  const text = map.toAscii();
  if (map instanceof SpaceTimeMoc) {
    map.space();
    map.time();
    return;
  }
  const again = map instanceof Moc ? Moc.fromAscii(text) : TimeMoc.fromAscii(text);
  if (again.toAscii() !== text) throw new Error('the map does not come back from its text');
  if (Math.abs(map.fraction + map.complement().fraction - 1) > 1e-12) throw new Error('a part of the whole is lost');
  map.degrade(Math.min(3, map.maxOrder));
  if (map instanceof Moc) map.containsAll([0, 10, 359.9], [90, -60, 0]);
}

function useShape(shape: SkyShape): void {
  shape.containsAll([0, 10, 359.9], [90, -60, 0]);
  const { raMinDeg } = shape.boundingBox;
  if (Number.isNaN(raMinDeg)) throw new Error('a box without bounds');
  shape.toMoc(4);
}

function written(): Uint8Array[] {
  const space = Moc.fromCone(7, 10, -60, 4).union(Moc.fromAscii('29/3458764513820540927'));
  const time = TimeMoc.fromIntervals(40, [
    [60000, 60001.5],
    [60010, 60010.1],
  ]);
  const both = new SpaceTimeMoc([
    { time, space },
    { time: TimeMoc.fromAscii('61/1-3 7'), space: Moc.fromAscii('3/1-3 4/') },
  ]);
  const texts = [
    ...[space, time, both].flatMap((map) => [map.toAscii(), map.toJson()]),
    's3/3 10 4/16-18 22 5/19-20 17/222 28/123456789 29/',
    't61/1 3 5 s3/1-3 4/ t61/50 52 s4/25',
    'CIRCLE 12 34 0.5',
    'RANGE 359 1 -Inf +Inf',
    'POLYGON 12 34 14 35 14 36 12 35 CIRCLE 1 2 3',
    'Union ICRS (Circle 180 10 20 Box FK5 190 20 20 3 Intersection (Circle 120 -10 20 Not (Ellipse 125 0 20 3 10)))',
    'PositionInterval GALACTIC 170 -20 190 3',
  ];
  const files = [
    encodeMocFits(space),
    encodeMocFits(space, { ordering: 'RANGE' }),
    encodeMocFits(time),
    encodeMocFits(both),
  ];
  return [...texts.map((text) => new TextEncoder().encode(text)), ...files];
}

const LARGEST_REAL = 100_000;

function realFiles(): Uint8Array[] {
  const folder = join(process.env['ALMAGEST_TEST_DATA'] ?? '', '9_vo_hips_moc', 'mocs');
  if (!process.env['ALMAGEST_TEST_DATA'] || !existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(fits|txt)$/.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).size <= LARGEST_REAL)
    .map((path) => readFileSync(path));
}

const TOKENS = [
  '29/',
  '61/0-4611686018427387903 ',
  '0/0-11 ',
  '3/5-4,',
  '30/1',
  '1/',
  's',
  't',
  '-',
  '{',
  '}',
  '[',
  ']',
  '"',
  '(',
  ')',
  'Not (',
  'Union (',
  'ICRS ',
  'FK4 ',
  '1e308 ',
  '-Inf ',
  '99999999999999999999 ',
];

function insertToken(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  return replaced(bytes, at, at + random.below(4), new TextEncoder().encode(random.pick(TOKENS)));
}

const KEYWORDS = ['MOCDIM', 'ORDERING', 'MOCORD_S', 'MOCORD_T', 'MOCORDER', 'COORDSYS', 'TIMESYS', 'NAXIS2', 'TFORM1'];
const VALUES = [
  "'TIME    '",
  "'SPACE   '",
  "'TIME.SPACE'",
  "'NUNIQ   '",
  "'RANGE   '",
  "'1J      '",
  "'2K      '",
  '0',
  '29',
  '62',
  '-1',
  '1E9',
  'T',
];

/** A keyword of the map with a value of another. */
function setKeyword(bytes: Uint8Array, random: Random): Uint8Array {
  const keyword = random.pick(KEYWORDS).padEnd(8);
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(`${keyword}= `, 'latin1');
  if (at >= 0)
    bytes.set(new TextEncoder().encode(random.pick(VALUES).padEnd(20)).subarray(0, bytes.length - at - 10), at + 10);
  return bytes;
}

/** One 64-bit row of the table at the end of a file. */
function setRow(bytes: Uint8Array, random: Random): Uint8Array {
  const rows = Math.min(360, Math.floor(bytes.length / 8));
  if (rows === 0) return bytes;
  const at = bytes.length - 8 * (1 + random.below(rows));
  new DataView(bytes.buffer, bytes.byteOffset).setBigInt64(
    at,
    BigInt.asIntN(64, (1n << BigInt(random.below(64))) - BigInt(random.below(3))),
  );
  return bytes;
}
