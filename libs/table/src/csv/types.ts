// What the cells of a column of text are: the rule by which types are inferred, and the reading of a cell of a type.

import { ColumnBuilder } from '../column-builder.js';
import { TableError } from '../errors.js';
import type { ColumnDescription, ColumnType } from '../table.js';
import { booleanOf, floatOf, integerOf, longOf } from '../votable/text-values.js';

const INTEGER = /^[+-]?\d{1,19}$/;
const PLAIN_INTEGER = /^-?(?:0|[1-9]\d*)$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$|^(?:[nN]a[nN]|NAN|[+-]?[iI]nf(?:inity)?|[+-]?INF)$/;
const BOOLEAN = /^(?:true|false)$/i;

/**
 * The type of a column from its cells that are not empty (spaces around them do not count): `boolean` when all are `true`
 * or `false`; `long` when all are integers of 64 bits without leading zeros; `double` when all are numbers, NaN and Inf
 * among them, and no integer among them has more digits than a double keeps; otherwise, and when there are none, `string`.
 */
export class TypeInference {
  #seen = false;
  #boolean = true;
  #long = true;
  #double = true;

  see(cell: string, quoted: boolean): void {
    const text = cell.trim();
    if (text === '' && !quoted) return;
    this.#seen = true;
    if (this.#boolean && !BOOLEAN.test(text)) this.#boolean = false;
    if (this.#long && !isLong(text)) this.#long = false;
    if (this.#double && !isDouble(text)) this.#double = false;
  }

  get type(): ColumnType {
    if (!this.#seen) return 'string';
    return this.#boolean ? 'boolean' : this.#long ? 'long' : this.#double ? 'double' : 'string';
  }
}

function isLong(text: string): boolean {
  if (!PLAIN_INTEGER.test(text) || !INTEGER.test(text) || text === '-0') return false;
  if (text.length < 19) return true;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value;
}

function isDouble(text: string): boolean {
  if (!NUMBER.test(text)) return false;
  if (!/^[+-]?\d+$/.test(text)) return true;
  if (/^[+-]?0\d/.test(text)) return false;
  return text.length < 17 && Number.isSafeInteger(Number(text));
}

export interface CellReader {
  /** empty cells without quotes are missing; of text, empty quotes are an empty text */
  read(cell: string, quoted: boolean, row: number): void;
  readonly builder: ColumnBuilder;
}

export function cellReader(column: ColumnDescription, capacity: number): CellReader {
  const builder = new ColumnBuilder(column, capacity);
  if (column.type === 'string')
    return {
      builder,
      read(cell, quoted, row) {
        if (cell === '' && !quoted) builder.setNull(row);
        else builder.set(row, cell);
      },
    };
  const value = valueReader(column.type);
  return {
    builder,
    read(cell, _, row) {
      const text = cell.trim();
      if (text === '') return builder.setNull(row);
      const found = value(text);
      if (found === null) builder.setNull(row);
      else builder.set(row, found);
    },
  };
}

function valueReader(type: Exclude<ColumnType, 'string'>): (text: string) => number | bigint | null {
  switch (type) {
    case 'boolean':
      return booleanOf;
    case 'long':
      return longOf;
    case 'byte':
      return (text) => integerOf('unsignedByte', text);
    case 'short':
    case 'int':
      return (text) => integerOf(type, text);
    default:
      return (text) => floatOf(type, text);
  }
}

export function refused(error: unknown, line: number, column: string, advice: string): unknown {
  if (!(error instanceof TableError)) return error;
  return new TableError(error.code, `line ${line}, column ${column}: ${error.message}${advice}`, {
    line,
    column,
    value: error.value,
  });
}
