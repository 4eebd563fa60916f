/**
 * ASCII and JSON forms of coverage maps (MOC 2.0, sections 4.3.1 and 4.3.2): `5/1-3,8 6/40` and `{"5":[1,2,3,8],"6":[40]}`, an
 * order without cells sets the finest order; space-time: `t61/1 s3/1-3 t61/50 s4/25` and `[{"t":{...},"s":{...}}, ...]`.
 */
import { SkyError } from './errors.js';
import {
  boundsOf,
  cellsOf,
  checkMocOrder,
  type MocDimension,
  normalRanges,
  type Ranges,
  SPACE,
  TIME,
} from './moc-ranges.js';

/** The cells of one dimension with their finest order. */
export interface MocPart {
  readonly ranges: Ranges;
  readonly maxOrder: number;
}
export interface SpaceTimePart {
  readonly time: MocPart;
  readonly space: MocPart;
}

/** a cell or a range of cells, after an order or not; no index has more than 19 digits */
const TOKEN = /^(?:(\d{1,3})\/)?(?:(\d{1,19})(?:-(\d{1,19}))?)?$/;
const shown = (token: string): string => (token.length > 40 ? `${token.slice(0, 40)}...` : token);

class PartReader {
  readonly #bounds: bigint[] = [];
  #order = -1;
  #maxOrder = 0;
  constructor(readonly dimension: MocDimension) {}

  token(token: string): void {
    const match = TOKEN.exec(token);
    if (!match || token === '')
      throw new SkyError('BAD_MOC', `"${shown(token)}" is not part of a ${this.dimension.name} MOC`, shown(token));
    if (match[1] !== undefined) {
      this.#order = Number(match[1]);
      checkMocOrder(this.dimension, this.#order);
      this.#maxOrder = Math.max(this.#maxOrder, this.#order);
    }
    if (match[2] === undefined) return;
    if (this.#order < 0) throw new SkyError('BAD_MOC', `the cell ${token} stands before any order`, token);
    const first = BigInt(match[2]);
    const [low, high] = boundsOf(this.dimension, this.#order, first, match[3] === undefined ? first : BigInt(match[3]));
    this.#bounds.push(low, high);
  }
  part(): MocPart {
    return { ranges: normalRanges(BigInt64Array.from(this.#bounds)), maxOrder: this.#maxOrder };
  }
}

const tokensOf = (text: string): string[] => text.split(/[\s,]+/).filter((token) => token !== '');

/** The ASCII form of one dimension, with or without its letter in front. */
export function parsePart(dimension: MocDimension, text: string): MocPart {
  const reader = new PartReader(dimension);
  tokensOf(text).forEach((token, i) => {
    const letter = i === 0 && token.startsWith(dimension.letter);
    const rest = letter ? token.slice(1) : token;
    if (!letter || rest !== '') reader.token(rest);
  });
  return reader.part();
}

/** The ASCII form of a space-time map: pairs of a time part and a space part. */
export function parseSpaceTime(text: string): SpaceTimePart[] {
  const parts: SpaceTimePart[] = [];
  let time: PartReader | undefined;
  let space: PartReader | undefined;
  const finish = (): void => {
    if (time && space) parts.push({ time: time.part(), space: space.part() });
    else if (time) throw new SkyError('BAD_MOC', 'a time part has no space part after it', parts.length);
    time = space = undefined;
  };
  for (const token of tokensOf(text)) {
    let rest = token;
    if (token.startsWith('t')) {
      finish();
      time = new PartReader(TIME);
      rest = token.slice(1);
    } else if (token.startsWith('s')) {
      if (!time || space)
        throw new SkyError('BAD_MOC', `"${shown(token)}": a space part without a time part`, shown(token));
      space = new PartReader(SPACE);
      rest = token.slice(1);
    }
    const reader = space ?? time;
    if (!reader) throw new SkyError('BAD_MOC', `"${shown(token)}" stands before any time part`, shown(token));
    if (rest !== '') reader.token(rest);
  }
  finish();
  return parts;
}

/** Parts as ASCII; runs of cells as `first-last`. */
export function formatPart(dimension: MocDimension, { ranges, maxOrder }: MocPart): string {
  const cells = cellsOf(ranges, dimension);
  const orders: string[] = [];
  for (let k = 0; k < cells.length;) {
    const { order } = cells[k]!;
    const runs: string[] = [];
    while (k < cells.length && cells[k]!.order === order) {
      const first = cells[k]!.cell;
      let last = first;
      while (cells[++k]?.order === order && cells[k]!.cell === last + 1n) last++;
      runs.push(first === last ? `${first}` : `${first}-${last}`);
    }
    orders.push(`${order}/${runs.join(',')}`);
  }
  if (cells.at(-1)?.order !== maxOrder) orders.push(`${maxOrder}/`);
  return orders.join(' ');
}

export const formatSpaceTime = (parts: readonly SpaceTimePart[]): string =>
  parts.map(({ time, space }) => `t${formatPart(TIME, time)} s${formatPart(SPACE, space)}`).join(' ');

/** As JSON text may hold it: cells as numbers, or as text where numbers are not exact. */
export type JsonCells = Readonly<Record<string, readonly (number | string)[]>>;

/** The JSON form of one dimension, parsed already. Numbers beyond 2^53 are refused: they may have been rounded on the way. */
export function partOfJson(dimension: MocDimension, json: unknown): MocPart {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new SkyError('BAD_MOC', `the JSON of a ${dimension.name} MOC is an object of orders`, json);
  const reader = new PartReader(dimension);
  for (const [order, cells] of Object.entries(json)) {
    if (!/^\d{1,3}$/.test(order) || !Array.isArray(cells))
      throw new SkyError('BAD_MOC', `"${shown(order)}" is not an order with a list of cells`, shown(order));
    reader.token(`${order}/`);
    for (const cell of cells as readonly unknown[]) {
      const exact = typeof cell === 'number' ? Number.isSafeInteger(cell) && cell >= 0 : typeof cell === 'string';
      if (!exact || !/^\d{1,19}$/.test(String(cell)))
        throw new SkyError('BAD_MOC', `${shown(String(cell))} at order ${order} is not a cell`, cell);
      reader.token(`${order}/${String(cell)}`);
    }
  }
  return reader.part();
}

export function spaceTimeOfJson(json: unknown): SpaceTimePart[] {
  if (!Array.isArray(json))
    throw new SkyError('BAD_MOC', 'the JSON of a space-time MOC is a list of time and space', json);
  return (json as readonly unknown[]).map((entry, i) => {
    if (typeof entry !== 'object' || entry === null || !('t' in entry) || !('s' in entry))
      throw new SkyError('BAD_MOC', `entry ${i} of a space-time MOC lacks "t" or "s"`, i);
    return { time: partOfJson(TIME, entry.t), space: partOfJson(SPACE, entry.s) };
  });
}

/** Text to JSON: cells beyond 2^53, which JSON.parse would round, become text first. */
export function parseMocJson(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll(/(?<=[[,:\s])\d{16,}(?=[\],\s])/g, '"$&"'));
  } catch (error) {
    throw new SkyError('BAD_MOC', `not JSON: ${(error as Error).message}`, shown(text));
  }
}

/** JSON text with exact integers of any size. */
export function formatPartJson(dimension: MocDimension, { ranges, maxOrder }: MocPart): string {
  const byOrder = new Map<number, bigint[]>();
  for (const { order, cell } of cellsOf(ranges, dimension)) {
    const cells = byOrder.get(order);
    if (cells) cells.push(cell);
    else byOrder.set(order, [cell]);
  }
  if (!byOrder.has(maxOrder)) byOrder.set(maxOrder, []);
  return `{${Array.from(byOrder, ([order, cells]) => `"${order}":[${cells.join(',')}]`).join(',')}}`;
}
