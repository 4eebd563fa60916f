/**
 * Coverage maps in FITS (MOC 2.0, section 4.1): a binary table of one column, NUNIQ numbers (space) or bounds of ranges at the finest
 * order (space, time, space-time: there the bounds of time carry the sign bit). Written: NUNIQ for space, which every reader
 * knows, or RANGE on request; RANGE for time and space-time. What is read must be in ICRS and TCB.
 */
import { encodeFits, type FitsHdu, type FitsTable, Header, openFits, type ReadableAt } from '#libs/fits';
import { Table } from '#libs/table';
import { SkyError } from './errors.js';
import { Moc } from './moc.js';
import { SPACE, TIME } from './moc-ranges.js';
import { SpaceTimeMoc } from './space-time-moc.js';
import { TimeMoc } from './time-moc.js';

/** Reads a coverage map of any kind from the first binary table of a file; a column UNIQ is preferred to the first one. */
export async function readMocFits(source: string | Uint8Array | ReadableAt): Promise<Moc | TimeMoc | SpaceTimeMoc> {
  const file = await openFits(source);
  try {
    const hdu = file.hdus.find(({ kind }) => kind === 'binary-table');
    if (!hdu) throw new SkyError('BAD_MOC', 'the file has no binary table', file.hdus.length);
    return mocOf(hdu, integersOf(await hdu.readTable()));
  } finally {
    if (typeof source === 'string') await file.close();
  }
}

function mocOf(hdu: FitsHdu, values: BigInt64Array): Moc | TimeMoc | SpaceTimeMoc {
  const text = (keyword: string): string | undefined => hdu.header.getString(keyword)?.trim().toUpperCase();
  const dimension = text('MOCDIM') ?? 'SPACE';
  const ordering = text('ORDERING') ?? (dimension === 'SPACE' ? 'NUNIQ' : 'RANGE');
  const frame = text('COORDSYS') ?? 'C';
  if (dimension !== 'TIME' && frame !== 'C' && frame !== 'ICRS')
    throw new SkyError('BAD_MOC', `COORDSYS is ${frame}; coverage maps are in ICRS (C)`, frame);
  const system = text('TIMESYS') ?? 'TCB';
  if (dimension !== 'SPACE' && system !== 'TCB')
    throw new SkyError('BAD_MOC', `TIMESYS is ${system}; coverage maps are in TCB`, system);
  const spaceOrder = orderOf(hdu, 'MOCORD_S', 'MOCORDER');
  const timeOrder = orderOf(hdu, 'MOCORD_T') ?? TIME.maxOrder;
  switch (`${dimension} ${ordering}`) {
    case 'SPACE NUNIQ': {
      const moc = Moc.fromUniq(values);
      return Moc.fromFinest(moc.ranges, Math.max(moc.maxOrder, spaceOrder ?? 0));
    }
    case 'SPACE RANGE':
      return Moc.fromFinest(values, spaceOrder ?? SPACE.maxOrder);
    case 'TIME RANGE':
      return TimeMoc.fromFinest(values, timeOrder);
    case 'TIME.SPACE RANGE':
      return spaceTimeOf(values, timeOrder, spaceOrder ?? SPACE.maxOrder);
    default:
      throw new SkyError('BAD_MOC', `MOCDIM ${dimension} with ORDERING ${ordering} is not read`, [dimension, ordering]);
  }
}

/** The finest order that the header gives. */
function orderOf(hdu: FitsHdu, ...keywords: string[]): number | undefined {
  const keyword = keywords.find((name) => hdu.header.has(name));
  if (keyword === undefined) return undefined;
  const order = hdu.header.get(keyword);
  if (typeof order !== 'number') throw new SkyError('BAD_MOC', `${keyword} is not a number`, order);
  return order;
}

function integersOf(table: FitsTable): BigInt64Array {
  const field = table.fields.find(({ name }) => name.toUpperCase() === 'UNIQ') ?? table.fields[0];
  if (!field) throw new SkyError('BAD_MOC', 'the table has no column', 0);
  const out = new BigInt64Array(table.rowCount);
  const column = table.columns.find(({ name }) => name === field.name);
  if (column && column.data instanceof BigInt64Array) return column.data;
  if (column && (column.data instanceof Int32Array || column.data instanceof Int16Array)) {
    for (let i = 0; i < out.length; i++) out[i] = BigInt(column.data[i]!);
    return out;
  }
  throw new SkyError('BAD_MOC', `column ${field.name} is ${field.form}, not one integer per row`, field.form);
}

const SIGN = -(1n << 63n);

/** Runs of time bounds (sign bit set), each followed by a run of space bounds. */
function spaceTimeOf(values: BigInt64Array, timeOrder: number, spaceOrder: number): SpaceTimeMoc {
  const entries: { time: TimeMoc; space: Moc }[] = [];
  let at = 0;
  while (at < values.length) {
    const start = at;
    while (at < values.length && values[at]! < 0n) at++;
    const times = values.slice(start, at).map((value) => value - SIGN);
    const middle = at;
    while (at < values.length && values[at]! >= 0n) at++;
    if (middle === start || at === middle)
      throw new SkyError('BAD_MOC', `row ${start}: every run of times needs a run of space after it`, start);
    entries.push({
      time: TimeMoc.fromFinest(times, timeOrder),
      space: Moc.fromFinest(values.slice(middle, at), spaceOrder),
    });
  }
  return new SpaceTimeMoc(entries);
}

export interface MocFitsOptions {
  /** of a spatial map; NUNIQ unless given */
  readonly ordering?: 'NUNIQ' | 'RANGE';
  /** further keywords: MOCID, OBS_TITLE, ORIGIN, ... */
  readonly header?: Readonly<Record<string, string | number>>;
}

/** The bytes of a FITS file that holds a coverage map. */
export function encodeMocFits(
  moc: Moc | TimeMoc | SpaceTimeMoc,
  { ordering = 'NUNIQ', header: more = {} }: MocFitsOptions = {},
): Uint8Array {
  const header = new Header();
  header.set('MOCVERS', '2.0', 'MOC version');
  let values: BigInt64Array;
  const space = (order: number): void => {
    header.set('COORDSYS', 'C', 'reference frame (C=ICRS)');
    header.set('MOCORD_S', order, 'finest order in space');
  };
  const time = (order: number): void => {
    header.set('TIMESYS', 'TCB', 'time system');
    header.set('MOCORD_T', order, 'finest order in time');
  };
  if (moc instanceof Moc) {
    header.set('MOCDIM', 'SPACE', 'physical dimension');
    header.set('ORDERING', ordering, 'coding method');
    if (ordering === 'NUNIQ') header.set('PIXTYPE', 'HEALPIX', 'HEALPix magic code');
    space(moc.maxOrder);
    header.set('MOCORDER', moc.maxOrder, 'as MOCORD_S, for readers of MOC 1');
    values = ordering === 'NUNIQ' ? BigInt64Array.from(moc.toUniq()) : moc.ranges;
  } else {
    const only = moc instanceof TimeMoc;
    header.set('MOCDIM', only ? 'TIME' : 'TIME.SPACE', 'physical dimension');
    header.set('ORDERING', 'RANGE', 'coding method');
    time(only ? moc.maxOrder : moc.maxTimeOrder);
    if (!only) space(moc.maxSpaceOrder);
    values = only ? moc.ranges : spaceTimeValues(moc);
  }
  header.set('MOCTOOL', 'Almagest');
  for (const [keyword, value] of Object.entries(more)) header.set(keyword, value);
  const name = moc instanceof Moc && ordering === 'NUNIQ' ? 'UNIQ' : 'RANGE';
  const table = new Table([{ name, type: 'long', data: values }]);
  return encodeFits([{ kind: 'table', table, header }]);
}

function spaceTimeValues(moc: SpaceTimeMoc): BigInt64Array {
  const runs = moc.entries
    .filter(({ time, space }) => !time.isEmpty && !space.isEmpty)
    .flatMap(({ time, space }) => [time.ranges.map((bound) => bound + SIGN), space.ranges]);
  const values = new BigInt64Array(runs.reduce((length, run) => length + run.length, 0));
  let at = 0;
  for (const run of runs) {
    values.set(run, at);
    at += run.length;
  }
  return values;
}
