// Columns under construction: a batch of rows, cell by cell.

import { type ArrayColumn, newElements, partsOf } from '../array-column.js';
import { TableError } from '../errors.js';
import { type Column, type ColumnDescription, Table } from '../table.js';
import { type CellFormat, cellFormat, COLUMN_TYPES, ELEMENT_TYPES } from './cells.js';
import type { VotableField } from './model.js';

export const columnFacts = ({ unit, ucd, description }: VotableField, name: string) => ({
  name,
  ...(unit && { unit }),
  ...(ucd && { ucd }),
  ...(description && { description }),
});

export const descriptionOf = ({ field, column }: CellFormat): ColumnDescription => ({
  ...columnFacts(field, column),
  type: COLUMN_TYPES[field.datatype]!,
});

/** A column of arrays; elements are added to the cell that is being read. */
export class ArrayBuilder {
  readonly #format: CellFormat;
  #values: unknown[] = [];
  #elementNulls: number[] = [];
  #nulls: number[] = [];
  #offsets: number[] = [0];

  constructor(format: CellFormat) {
    this.#format = format;
  }

  add(value: number | bigint | string | null): void {
    if (value === null) this.#elementNulls.push(this.#values.length);
    this.#values.push(value);
  }

  /** Ends the cell; `missing` makes it null. */
  endCell(missing: boolean): void {
    if (missing) this.#nulls.push(this.#offsets.length - 1);
    this.#offsets.push(this.#values.length / partsOf(ELEMENT_TYPES[this.#format.field.datatype]));
  }

  take(rows: number): ArrayColumn {
    const { field, column } = this.#format;
    const element = ELEMENT_TYPES[field.datatype];
    const count = this.#offsets.at(-1)!;
    const values = newElements(element, count);
    const floating = values instanceof Float64Array || values instanceof Float32Array;
    const none = floating ? NaN : values instanceof BigInt64Array ? 0n : 0;
    for (let i = 0; i < this.#values.length; i++) {
      const value = this.#values[i];
      (values as unknown[])[i] = value === null && element !== 'string' ? none : value;
    }
    const flags = (rowsOrElements: readonly number[], length: number): Uint8Array | undefined => {
      if (rowsOrElements.length === 0) return undefined;
      const marks = new Uint8Array(length);
      for (const at of rowsOrElements) marks[at] = 1;
      return marks;
    };
    const nulls = flags(this.#nulls, rows);
    const elementNulls = floating || element === 'string' ? undefined : flags(this.#elementNulls, count);
    const offsets = Uint32Array.from(this.#offsets);
    this.#values = [];
    this.#nulls = [];
    this.#elementNulls = [];
    this.#offsets = [0];
    return {
      ...columnFacts(field, column),
      element,
      ...arrayShape(this.#format),
      values,
      offsets,
      ...(nulls && { nulls }),
      ...(elementNulls && { elementNulls }),
    } as ArrayColumn;
  }
}

/** The shape of an array column: for arrays of text without the axis of the characters; none for plain vectors. */
export function arrayShape({ shape, textWidth }: CellFormat): { shape?: readonly number[] } {
  const axes = textWidth > 0 ? shape.shape.slice(1) : shape.shape;
  return axes.length === 1 && axes[0] === 0 ? {} : { shape: axes };
}

export function batchTable(columns: readonly (Column | ArrayColumn)[], rows: number): Table {
  const scalars = columns.filter((column): column is Column => 'type' in column);
  const arrays = columns.filter((column): column is ArrayColumn => 'element' in column);
  return new Table(scalars, rows, undefined, arrays);
}

export function formatsOf(fields: readonly VotableField[]): readonly CellFormat[] {
  if (fields.length === 0) throw new TableError('BAD_FORMAT', 'there are rows in a TABLE without FIELDs');
  return fields.map(cellFormat);
}
