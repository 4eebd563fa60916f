// Tables in the sandbox: { rowCount, columns: { name: array }, units: { name: unit }, nulls: { name: flags } }.
// What comes back may give a column as an array or as { data, unit, ucd, description }; its type follows the array.

import { type Column, type ColumnType, Table } from '#libs/table';
import { describe, isRecord, ValueError } from './value-error.js';

export interface PlainTable {
  readonly name?: string;
  readonly rowCount: number;
  readonly columns: Readonly<Record<string, ArrayLike<unknown>>>;
  readonly units: Readonly<Record<string, string>>;
  /** 1 where a value is missing; only of columns with missing values */
  readonly nulls: Readonly<Record<string, Uint8Array>>;
}

export function plainTable({ columns, rowCount, name }: Table): PlainTable {
  return {
    ...(name !== undefined && { name }),
    rowCount,
    columns: Object.fromEntries(columns.map((column) => [column.name, column.data])),
    units: Object.fromEntries(columns.flatMap(({ name: of, unit }) => (unit === undefined ? [] : [[of, unit]]))),
    nulls: Object.fromEntries(columns.flatMap(({ name: of, nulls }) => (nulls === undefined ? [] : [[of, nulls]]))),
  };
}

const COLUMN_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,67}$/;

/** Throws ValueError with a sentence for the author of the Task. */
export function tableFromPlain(value: unknown): Table {
  if (!isRecord(value) || !isRecord(value['columns']))
    throw new ValueError(`a Table is { columns: { name: array } }, not ${describe(value)}`);
  const units = value['units'] ?? {};
  if (!isRecord(units)) throw new ValueError(`units must be an object of strings, not ${describe(units)}`);
  const nulls = value['nulls'] ?? {};
  if (!isRecord(nulls)) throw new ValueError(`nulls must be an object of Uint8Arrays, not ${describe(nulls)}`);
  const entries = Object.entries(value['columns']);
  if (entries.length === 0) throw new ValueError('a Table needs at least one column');
  for (const [what, named] of [
    ['units', units],
    ['nulls', nulls],
  ] as const)
    for (const key of Object.keys(named))
      if (!Object.hasOwn(value['columns'], key)) throw new ValueError(`${what}.${key}: there is no column '${key}'`);
  const columns = entries.map(([key, given]) => {
    if (!COLUMN_NAME.test(key))
      throw new ValueError(`a column name is a letter or _ and up to 67 letters, digits and _: ${JSON.stringify(key)}`);
    return columnOf(key, given, units[key], nulls[key]);
  });
  const [first] = columns;
  for (const column of columns)
    if (column.data.length !== first!.data.length)
      throw new ValueError(
        `column '${column.name}' has ${column.data.length} rows but '${first!.name}' has ${first!.data.length}`,
      );
  const name = value['name'];
  return new Table(columns, first!.data.length, typeof name === 'string' ? name.slice(0, 60) : undefined);
}

function textOf(where: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new ValueError(`${where} must be text, not ${describe(value)}`);
  return value.slice(0, 500);
}

function columnOf(name: string, given: unknown, unit: unknown, nulls: unknown): Column {
  const long = isRecord(given) ? given : { data: given };
  const typed = typedColumn(name, long['data']);
  const flags = nulls ?? long['nulls'];
  if (flags !== undefined && (!(flags instanceof Uint8Array) || flags.length !== typed.data.length))
    throw new ValueError(`nulls of '${name}' must be a Uint8Array of ${typed.data.length}, not ${describe(flags)}`);
  const facts = {
    unit: textOf(`unit of '${name}'`, long['unit'] ?? unit),
    ucd: textOf(`ucd of '${name}'`, long['ucd']),
    description: textOf(`description of '${name}'`, long['description']),
  };
  const missing = flags ?? typed.nulls;
  return {
    name,
    type: typed.type,
    data: typed.data,
    ...(facts.unit !== undefined && { unit: facts.unit }),
    ...(facts.ucd !== undefined && { ucd: facts.ucd }),
    ...(facts.description !== undefined && { description: facts.description }),
    ...(missing !== undefined && { nulls: missing }),
  } as Column;
}

interface TypedData {
  readonly type: ColumnType;
  readonly data: Column['data'];
  readonly nulls?: Uint8Array | undefined;
}

function typedColumn(name: string, data: unknown): TypedData {
  if (data instanceof Float64Array) return { type: 'double', data };
  if (data instanceof Float32Array) return { type: 'float', data };
  if (data instanceof Int32Array) return { type: 'int', data };
  if (data instanceof Int16Array) return { type: 'short', data };
  if (data instanceof Uint8Array) return { type: 'byte', data };
  if (data instanceof BigInt64Array) return { type: 'long', data };
  if (data instanceof Int8Array) return { type: 'short', data: Int16Array.from(data) };
  if (data instanceof Uint16Array) return { type: 'int', data: Int32Array.from(data) };
  if (data instanceof Uint32Array) return { type: 'long', data: BigInt64Array.from(data, (one) => BigInt(one)) };
  if (!Array.isArray(data))
    throw new ValueError(`column '${name}' must be an array or typed array, not ${describe(data)}`);
  return listColumn(name, data as readonly unknown[]);
}

/** A plain list: its type is that of its values; null is a missing value (NaN among numbers). */
function listColumn(name: string, list: readonly unknown[]): TypedData {
  const present = list.filter((one) => one !== null && one !== undefined);
  const kinds = new Set(present.map((one) => typeof one));
  if (kinds.size > 1) throw new ValueError(`column '${name}' mixes ${[...kinds].join(' and ')}`);
  const [kind = 'number'] = kinds;
  const nulls =
    present.length === list.length
      ? undefined
      : Uint8Array.from(list, (one) => (one === null || one === undefined ? 1 : 0));
  if (kind === 'number')
    return { type: 'double', data: Float64Array.from(list, (one) => (one as number | null) ?? NaN) };
  if (kind === 'boolean')
    return { type: 'boolean', data: Uint8Array.from(list, (one) => (one === true ? 1 : 0)), nulls };
  if (kind === 'bigint') {
    for (const one of present)
      if (BigInt.asIntN(64, one as bigint) !== one)
        throw new ValueError(`column '${name}' holds ${describe(one)}, which is more than 64 bits`);
    return { type: 'long', data: BigInt64Array.from(list, (one) => (one as bigint | null) ?? 0n), nulls };
  }
  if (kind === 'string') {
    const odd = present.find((one) => !/^[\x20-\x7e]*$/.test(one as string));
    if (odd !== undefined)
      throw new ValueError(`column '${name}' holds ${describe(odd)}; text in tables is printable ASCII`);
  }
  if (kind === 'string') return { type: 'string', data: list.map((one) => (one as string | null) ?? null), nulls };
  throw new ValueError(
    `column '${name}' holds ${describe(present[0])}; columns hold numbers, text, booleans or bigints`,
  );
}
