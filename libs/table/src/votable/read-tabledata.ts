// TR and TD elements to batches of rows.

import { TableError } from '../errors.js';
import type { Table } from '../table.js';
import { batchRows, ColumnBuilder } from '../column-builder.js';
import { ArrayBuilder, batchTable, descriptionOf, formatsOf } from './batch-columns.js';
import { type CellFormat, isText } from './cells.js';
import { nullTextOf } from './fields.js';
import type { VotableField } from './model.js';
import type { RowReader } from './read-data.js';
import { bitOf, elementOf } from './text-values.js';
import type { XmlTokenizer } from './xml-tokenizer.js';

const LONGEST_CELL = 1 << 24;
/** A batch ends after this many characters of cells. */
const BATCH_CHARACTERS = 1 << 22;

/** Takes the cells of one field. */
interface CellReader {
  read(text: string, row: number): void;
  take(rows: number): ReturnType<ColumnBuilder['take']> | ReturnType<ArrayBuilder['take']>;
}

export class TabledataRows implements RowReader {
  readonly #xml: XmlTokenizer;
  readonly #emit: (rows: Table) => void;
  readonly #fields: readonly VotableField[];
  readonly #capacity: number;
  #cells: readonly CellReader[] | undefined;
  #inRow = false;
  #inCell = false;
  #cell = '';
  #column = 0;
  #row = 0;
  #firstRow = 0;
  #characters = 0;

  constructor(fields: readonly VotableField[], xml: XmlTokenizer, emit: (rows: Table) => void) {
    this.#fields = fields;
    this.#capacity = batchRows(fields.length);
    this.#xml = xml;
    this.#emit = emit;
  }

  open(name: string, attributes: ReadonlyMap<string, string>): boolean {
    if (name === 'TR' && !this.#inRow) {
      this.#cells ??= this.#readers();
      this.#inRow = true;
      this.#column = 0;
    } else if (name === 'TD' && this.#inRow && !this.#inCell) {
      if (attributes.size > 0 && attributes.get('encoding') !== undefined)
        throw this.#xml.error('a TD with an encoding of its own is not read', 'UNSUPPORTED');
      this.#inCell = true;
      this.#cell = '';
    } else if (name === 'TR' || name === 'TD') throw this.#xml.error(`a ${name} cannot be here`);
    else return false;
    return true;
  }

  text(text: string): void {
    if (!this.#inCell) return;
    this.#cell += text;
    if (this.#cell.length > LONGEST_CELL) throw this.#xml.error('a cell is longer than 16 MiB', 'TOO_LARGE');
  }

  close(name: string): void {
    if (name === 'TD') {
      this.#inCell = false;
      const reader = this.#cells![this.#column];
      if (!reader)
        throw this.#xml.error(
          `row ${this.#firstRow + this.#row} has more cells than the ${this.#fields.length} fields`,
        );
      try {
        reader.read(this.#cell, this.#row);
      } catch (error) {
        throw this.#located(error);
      }
      this.#characters += this.#cell.length;
      this.#column++;
    } else if (name === 'TR') {
      this.#inRow = false;
      if (this.#column !== this.#fields.length)
        throw this.#xml.error(
          `row ${this.#firstRow + this.#row} has ${this.#column} cells for ${this.#fields.length} fields`,
        );
      if (++this.#row === this.#capacity || this.#characters > BATCH_CHARACTERS) this.#flush();
    }
  }

  end(): void {
    if (this.#row > 0) this.#flush();
  }

  #located(error: unknown): unknown {
    if (!(error instanceof TableError)) return error;
    const { code, message, value } = error;
    const { name, column = name } = this.#fields[this.#column]!;
    const row = this.#firstRow + this.#row;
    return this.#xml.located(new TableError(code, `row ${row}, column ${column}: ${message}`, { column, row, value }));
  }

  #flush(): void {
    this.#emit(
      batchTable(
        this.#cells!.map((reader) => reader.take(this.#row)),
        this.#row,
      ),
    );
    this.#firstRow += this.#row;
    this.#row = 0;
    this.#characters = 0;
  }

  #readers(): readonly CellReader[] {
    try {
      return formatsOf(this.#fields).map((format) =>
        format.kind === 'array' ? arrayReader(format) : scalarReader(format, this.#capacity),
      );
    } catch (error) {
      throw this.#xml.located(error);
    }
  }
}

function scalarReader(format: CellFormat, capacity: number): CellReader {
  const builder = new ColumnBuilder(descriptionOf(format), capacity);
  const take = (rows: number) => builder.take(rows);
  const { datatype } = format.field;
  if (isText(datatype))
    return {
      take,
      read(text, row) {
        if (text === '') builder.setNull(row);
        else builder.set(row, text);
      },
    };
  const none = format.missing;
  const noneText = nullTextOf(format.field)?.trim();
  return {
    take,
    read(text, row) {
      const trimmed = text.trim();
      if (trimmed === '' || trimmed === noneText) return builder.setNull(row);
      const value = elementOf(datatype, trimmed);
      if (value === null || same(value, none, datatype)) builder.setNull(row);
      else builder.set(row, value);
    },
  };
}

/** A float is compared as it will be kept. */
const same = (value: number | bigint | null, none: number | bigint | undefined, datatype: string): boolean =>
  none !== undefined && (datatype === 'float' ? Math.fround(value as number) : value) === none;

function arrayReader(format: CellFormat): CellReader {
  const builder = new ArrayBuilder(format);
  const { field, shape, textWidth } = format;
  const { datatype } = field;
  const take = (rows: number) => builder.take(rows);
  if (textWidth > 0 || isText(datatype))
    return {
      take,
      read(text) {
        if (textWidth > 0)
          for (let at = 0; at < text.length; at += textWidth) builder.add(text.slice(at, at + textWidth).trimEnd());
        builder.endCell(text === '');
      },
    };
  const parts = datatype.endsWith('Complex') ? 2 : 1;
  const step = parts * (shape.count ?? shape.shape.slice(0, -1).reduce((total, axis) => total * axis, 1));
  const none = format.missing;
  return {
    take,
    read(text) {
      const trimmed = text.trim();
      if (trimmed === '') return builder.endCell(true);
      const words = datatype === 'bit' ? trimmed.replace(/\s+/g, '').split('') : trimmed.split(/\s*,\s*|\s+/);
      if (shape.count === undefined ? words.length % Math.max(1, step) !== 0 : words.length !== step)
        throw new TableError(
          'BAD_VALUE',
          `${words.length / parts} elements do not fit arraysize ${field.arraysize ?? '1'}`,
          {
            value: words.length,
          },
        );
      for (const word of words) {
        const value = datatype === 'bit' ? bitOf(word) : elementOf(datatype, word);
        builder.add(same(value, none, datatype) ? null : value);
      }
      return builder.endCell(false);
    },
  };
}
