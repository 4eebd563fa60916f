import { type Column, Table } from '#libs/table';
import { FitsError } from './errors.js';
import type { FieldValue } from './field-values.js';
import type { PixelData } from './pixels.js';

/** One field as it is in the file, vectors and variable-length arrays included. */
export interface FitsField {
  readonly name: string;
  /** TFORMn */
  readonly form: string;
  readonly unit?: string;
  /** elements per cell; undefined when it varies from row to row */
  readonly repeat?: number;
  /** shape of the cell, fastest axis first */
  readonly dim?: readonly number[];
  /** the stored integer that means "no value" (already applied in scalar columns and in scaled vectors) */
  readonly nullValue?: bigint;
  value(row: number): FieldValue;
  /** the cell as an array, also when it has one element; text as its bytes */
  array(row: number): PixelData;
}

/**
 * A FITS table. As a `Table` it has the scalar columns (and text); vectors, bit arrays, complex numbers and
 * variable-length arrays are reached by `field(name)`, decoded row by row on demand.
 */
export class FitsTable extends Table {
  constructor(
    columns: readonly Column[],
    rowCount: number,
    readonly fields: readonly FitsField[],
    name?: string,
  ) {
    super(columns, rowCount, name);
  }
  field(name: string): FitsField {
    const found =
      this.fields.find((field) => field.name === name) ??
      this.fields.find((field) => field.name.toUpperCase() === name.toUpperCase());
    if (!found)
      throw new FitsError('BAD_TABLE', `no field ${name}; there are ${this.fields.map((f) => f.name).join(', ')}`, {
        value: name,
      });
    return found;
  }
}
