// Rows of a binary database result as columnar batches. What a column is follows from the type the database sends and the VOTable
// type it is declared as; memory is that of one batch, whatever the number of rows.

import type { BinaryField, RowChunk } from '#libs/database';
import {
  type ArrayColumn,
  type Column,
  type ColumnType,
  type ElementType,
  newColumnData,
  newElements,
  Table,
  type VotableDatatype,
} from '#libs/table';

const BATCH_ROWS = 2048;
/** most answers are short, and room costs time */
const FIRST_BATCH_ROWS = 64;

const BOOL = 16;
const INT8 = 20;
const INT2 = 21;
const INT4 = 23;
const FLOAT4 = 700;
const FLOAT8 = 701;
const NUMERIC = 1700;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const UUID = 2950;
const JSONB = 3802;
const ARRAY_ELEMENTS: ReadonlyMap<number, number> = new Map([
  [1000, BOOL],
  [1005, INT2],
  [1007, INT4],
  [1016, INT8],
  [1021, FLOAT4],
  [1022, FLOAT8],
  [1231, NUMERIC],
]);

/** The VOTable type that holds every value of a database type. */
export function naturalDatatype(typeId: number): { datatype: VotableDatatype; arraysize?: string; xtype?: string } {
  switch (typeId) {
    case BOOL:
      return { datatype: 'boolean' };
    case INT2:
      return { datatype: 'short' };
    case INT4:
      return { datatype: 'int' };
    case INT8:
      return { datatype: 'long' };
    case FLOAT4:
      return { datatype: 'float' };
    case FLOAT8:
    case NUMERIC:
      return { datatype: 'double' };
    case DATE:
    case TIMESTAMP:
    case TIMESTAMPTZ:
      return { datatype: 'char', arraysize: '*', xtype: 'timestamp' };
    default:
      return ARRAY_ELEMENTS.has(typeId) ? { datatype: 'double', arraysize: '*' } : { datatype: 'char', arraysize: '*' };
  }
}

type Numeric = (view: DataView, at: number, length: number) => number;

/** How a number of this type is read; undefined for what is no number. */
function numberReader(typeId: number): Numeric | undefined {
  switch (typeId) {
    case BOOL:
      return (view, at) => view.getUint8(at);
    case INT2:
      return (view, at) => view.getInt16(at);
    case INT4:
      return (view, at) => view.getInt32(at);
    case INT8:
      return (view, at) => Number(view.getBigInt64(at));
    case FLOAT4:
      return (view, at) => view.getFloat32(at);
    case FLOAT8:
      return (view, at) => view.getFloat64(at);
    case NUMERIC:
      return (view, at) => Number(numericText(view, at));
    default:
      return undefined;
  }
}

/** numeric: count of base-10000 digits, weight of the first, sign, scale, digits. */
function numericText(view: DataView, at: number): string {
  const count = view.getInt16(at);
  const weight = view.getInt16(at + 2);
  const sign = view.getUint16(at + 4);
  const scale = view.getInt16(at + 6);
  if (sign === 0xc000) return 'NaN';
  if (sign === 0xd000) return 'Infinity';
  if (sign === 0xf000) return '-Infinity';
  const digit = (i: number): string => String(i >= 0 && i < count ? view.getInt16(at + 8 + 2 * i) : 0).padStart(4, '0');
  let whole = '';
  for (let i = 0; i <= weight; i++) whole += digit(i);
  let fraction = '';
  for (let i = weight + 1; fraction.length < scale; i++) fraction += digit(i);
  const text = `${whole.replace(/^0+(?=\d)/, '') || '0'}${scale > 0 ? `.${fraction.slice(0, scale)}` : ''}`;
  return sign === 0x4000 ? `-${text}` : text;
}

const EPOCH_2000_MS = Date.UTC(2000, 0, 1);
const FOREVER = 0x7fffffffffffffffn;

/** ISO 8601 without a zone, as DALI has it; microseconds only where there are any. */
function timestampText(view: DataView, at: number): string | null {
  const microseconds = view.getBigInt64(at);
  if (microseconds === FOREVER || microseconds === -FOREVER - 1n) return null;
  const whole = microseconds / 1000n - (microseconds % 1000n < 0n ? 1n : 0n);
  const rest = Number(microseconds - whole * 1000n);
  const text = new Date(EPOCH_2000_MS + Number(whole)).toISOString().slice(0, -1);
  return rest === 0 ? text : `${text}${String(rest).padStart(3, '0')}`;
}

function uuidText(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

type TextReader = (bytes: Buffer, view: DataView, at: number, length: number) => string | null;

function textReader(typeId: number): TextReader {
  switch (typeId) {
    case BOOL:
      return (_bytes, view, at) => (view.getUint8(at) === 1 ? 'true' : 'false');
    case DATE:
      return (_bytes, view, at) => new Date(EPOCH_2000_MS + view.getInt32(at) * 86_400_000).toISOString().slice(0, 10);
    case TIMESTAMP:
    case TIMESTAMPTZ:
      return (_bytes, view, at) => timestampText(view, at);
    case UUID:
      return (bytes, _view, at) => uuidText(bytes, at);
    case JSONB:
      return (bytes, _view, at, length) => bytes.toString('utf8', at + 1, at + length);
    case NUMERIC:
      return (_bytes, view, at) => numericText(view, at);
    case INT8:
      return (_bytes, view, at) => view.getBigInt64(at).toString();
    default: {
      const number = numberReader(typeId);
      return number
        ? (_bytes, view, at, length) => String(number(view, at, length))
        : (bytes, _view, at, length) => bytes.toString('utf8', at, at + length);
    }
  }
}

interface ColumnBuilder {
  value(bytes: Buffer, view: DataView, at: number, length: number, row: number): void;
  missing(row: number): void;
  /** the first `rows` cells; the builder starts anew with room for BATCH_ROWS */
  take(rows: number): Column | ArrayColumn;
}

const COLUMN_TYPES: Readonly<Record<string, ColumnType>> = {
  boolean: 'boolean',
  unsignedByte: 'byte',
  short: 'short',
  int: 'int',
  long: 'long',
  float: 'float',
  double: 'double',
  char: 'string',
  unicodeChar: 'string',
};

function scalarBuilder(name: string, type: ColumnType, typeId: number): ColumnBuilder {
  let data = newColumnData(type, FIRST_BATCH_ROWS);
  let nulls: Uint8Array | undefined;
  const missing = (row: number): void => {
    (nulls ??= new Uint8Array(BATCH_ROWS))[row] = 1;
    if (type === 'float' || type === 'double') (data as Float64Array)[row] = NaN;
  };
  const take = (rows: number): Column => {
    const column = { name, type, data: data.slice(0, rows), ...(nulls && { nulls: nulls.slice(0, rows) }) } as Column;
    data = newColumnData(type, BATCH_ROWS);
    nulls = undefined;
    return column;
  };
  if (type === 'string') {
    const read = textReader(typeId);
    return {
      missing,
      take,
      value: (bytes, view, at, length, row) => {
        const value = read(bytes, view, at, length);
        if (value === null) missing(row);
        else (data as (string | null)[])[row] = value;
      },
    };
  }
  if (type === 'long') {
    const number = numberReader(typeId);
    const read = (bytes: Buffer, view: DataView, at: number, length: number): bigint =>
      typeId === INT8
        ? view.getBigInt64(at)
        : BigInt(Math.trunc(number?.(view, at, length) ?? Number(bytes.toString('utf8', at, at + length))));
    return {
      missing,
      take,
      value: (bytes, view, at, length, row) => void ((data as BigInt64Array)[row] = read(bytes, view, at, length)),
    };
  }
  const read = numberReader(typeId) ?? (() => NaN);
  return {
    missing,
    take,
    value: (_bytes, view, at, length, row) => void ((data as Float64Array)[row] = read(view, at, length)),
  };
}

/** Arrays of numbers; the binary form has dimensions, flags, element type, (length, lower bound) each, then the elements. */
function arrayBuilder(name: string, element: NumericElement, elementId: number): ColumnBuilder {
  const number = numberReader(elementId)!;
  const read =
    element === 'long' && elementId === INT8 ? (view: DataView, at: number): bigint => view.getBigInt64(at) : number;
  const absent = element === 'long' ? 0n : element === 'float' || element === 'double' ? NaN : 0;
  let values: (number | bigint)[] = [];
  let offsets: number[] = [0];
  let nulls: Uint8Array | undefined;
  return {
    missing: (row) => {
      (nulls ??= new Uint8Array(BATCH_ROWS))[row] = 1;
      offsets.push(values.length);
    },
    value: (_bytes, view, at) => {
      const dimensions = view.getInt32(at);
      let count = dimensions === 0 ? 0 : 1;
      for (let d = 0; d < dimensions; d++) count *= view.getInt32(at + 12 + 8 * d);
      let place = at + 12 + 8 * dimensions;
      for (let k = 0; k < count; k++) {
        const length = view.getInt32(place);
        values.push(length < 0 ? absent : read(view, place + 4, length));
        place += 4 + Math.max(0, length);
      }
      offsets.push(values.length);
    },
    take: (rows) => {
      const cells = newElements(element, values.length);
      for (let i = 0; i < values.length; i++) (cells as Float64Array)[i] = values[i] as number;
      const column = {
        name,
        element,
        values: cells,
        offsets: Uint32Array.from(offsets),
        ...(nulls && { nulls: nulls.slice(0, rows) }),
      };
      values = [];
      offsets = [0];
      nulls = undefined;
      return column as ArrayColumn;
    },
  };
}

type NumericElement = Exclude<ElementType, 'string' | 'floatComplex' | 'doubleComplex'>;

/** One column of the batches: its name (unique), and what it is declared as. */
export interface BatchColumn {
  readonly name: string;
  readonly datatype: VotableDatatype;
  readonly arraysize?: string;
}

const builderOf = ({ name, datatype }: BatchColumn, typeId: number): ColumnBuilder => {
  const element = ARRAY_ELEMENTS.get(typeId);
  return element !== undefined && datatype !== 'char' && datatype !== 'unicodeChar'
    ? arrayBuilder(name, COLUMN_TYPES[datatype] as NumericElement, element)
    : scalarBuilder(name, COLUMN_TYPES[datatype]!, typeId);
};

/**
 * The rows of a result as tables of at most 2048 rows whose columns have the declared types: at most `limit` rows, and whether there were more. One
 * empty table when there are none. */
export async function* rowBatches(
  chunks: AsyncIterable<RowChunk>,
  fields: readonly BinaryField[],
  columns: readonly BatchColumn[],
  limit: number,
  outcome: { rows: number; overflow: boolean },
): AsyncGenerator<Table> {
  const builders = columns.map((column, i) => builderOf(column, fields[i]!.typeId));
  let row = 0;
  let room = FIRST_BATCH_ROWS;
  const take = (): Table => {
    const parts = builders.map((builder) => builder.take(row));
    const arrays = parts.filter((part): part is ArrayColumn => 'offsets' in part);
    const table = new Table(
      parts.filter((part): part is Column => !('offsets' in part)),
      row,
      undefined,
      arrays,
    );
    row = 0;
    return table;
  };
  for await (const { bytes, rows } of chunks) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (let i = 0; i < rows; i++) {
      if (outcome.rows === limit) {
        outcome.overflow = true;
        break;
      }
      at += 7;
      for (const builder of builders) {
        const length = view.getInt32(at);
        at += 4;
        if (length < 0) builder.missing(row);
        else {
          builder.value(bytes, view, at, length, row);
          at += length;
        }
      }
      outcome.rows++;
      if (++row === room) {
        yield take();
        room = BATCH_ROWS;
      }
    }
  }
  if (row > 0 || outcome.rows === 0) yield take();
}
