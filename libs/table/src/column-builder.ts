// A column of scalars or text under construction, row by row.

import { type Column, type ColumnData, type ColumnDescription, newColumnData } from './table.js';

/** Rows of a batch: fewer where there are many columns, so that a batch stays below a million cells. */
export const batchRows = (columns: number): number => Math.max(1, Math.min(2048, Math.floor(2 ** 20 / columns)));

/** At most `capacity` rows; `take` hands them out and begins anew. */
export class ColumnBuilder {
  readonly #description: ColumnDescription;
  readonly #capacity: number;
  #data: ColumnData | undefined;
  #nulls: Uint8Array | undefined;

  constructor(description: ColumnDescription, capacity: number) {
    this.#description = description;
    this.#capacity = capacity;
  }

  set(row: number, value: number | bigint | string): void {
    (this.#room() as unknown[])[row] = value;
  }

  setNull(row: number): void {
    (this.#nulls ??= new Uint8Array(this.#capacity))[row] = 1;
    const { type } = this.#description;
    if (type === 'double' || type === 'float') (this.#room() as Float64Array)[row] = NaN;
  }

  #room(): ColumnData {
    return (this.#data ??= newColumnData(this.#description.type, this.#capacity));
  }

  take(rows: number): Column {
    const room = this.#room();
    const data = rows === this.#capacity ? room : room.slice(0, rows);
    const nulls = this.#nulls?.slice(0, rows);
    this.#data = undefined;
    this.#nulls = undefined;
    return { ...this.#description, data, ...(nulls && { nulls }) } as Column;
  }
}
