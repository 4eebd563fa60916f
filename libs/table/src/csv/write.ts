// Delimited text out: RFC 4180 CSV (CRLF, quotes where needed), and TSV.

import { TableError } from '../errors.js';
import type { Column, Table } from '../table.js';
import { arrayText, doubleText, floatText } from '../votable/cell-text.js';
import { cellFormat } from '../votable/cells.js';
import { votableField } from '../votable/fields.js';

export interface CsvWriteOptions {
  /** default `,`; a tab for TSV */
  readonly delimiter?: ',' | '\t' | ';' | '|';
}

const MOST_CHARACTERS = 1 << 16;

/**
 * Bytes of the columns of these names, in this order, names first. Missing values are empty, empty texts are empty quotes,
 * floats are their shortest exact decimals (NaN, Infinity), booleans `true` and `false`, arrays their values with spaces.
 */
export async function* writeCsv(
  names: readonly string[],
  rows: Iterable<Table> | AsyncIterable<Table>,
  { delimiter = ',' }: CsvWriteOptions = {},
): AsyncGenerator<Uint8Array, void> {
  if (names.length === 0) throw new TableError('NO_SUCH_COLUMN', 'there is no column to write');
  const special = new RegExp(`["\\r\\n${delimiter === '|' ? '\\|' : delimiter}]`);
  const quote = (text: string): string => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const record = (cells: readonly string[]): string => `${cells.join(delimiter)}\r\n`;
  yield Buffer.from(record(names.map(quote)));
  for await (const batch of rows) {
    const cells = names.map((name) =>
      batch.hasArray(name)
        ? arrayText(batch, cellFormat(votableField(batch.arrayColumn(name))))
        : cellText(batch.column(name), quote),
    );
    let text = '';
    for (let row = 0; row < batch.rowCount; row++) {
      text += record(cells.map((cell) => cell(row)));
      if (text.length < MOST_CHARACTERS) continue;
      yield Buffer.from(text);
      text = '';
    }
    if (text !== '') yield Buffer.from(text);
  }
}

function cellText(column: Column, quote: (text: string) => string): (row: number) => string {
  const { nulls } = column;
  const show = valueText(column, quote);
  return (row) => (nulls?.[row] ? '' : show(row));
}

function valueText(column: Column, quote: (text: string) => string): (row: number) => string {
  const { data, type } = column;
  switch (type) {
    case 'string': {
      const texts = data as readonly (string | null)[];
      return (row) => {
        const text = texts[row];
        return text === null || text === undefined ? '' : text === '' ? '""' : quote(text);
      };
    }
    case 'boolean':
      return (row) => (data[row] ? 'true' : 'false');
    case 'double':
      return (row) => infinityText(doubleText((data as Float64Array)[row]!));
    case 'float':
      return (row) => infinityText(floatText((data as Float32Array)[row]!));
    default:
      return (row) => String(data[row]);
  }
}

/** As every programming language reads it. */
const infinityText = (text: string): string => (text === '+Inf' ? 'Infinity' : text === '-Inf' ? '-Infinity' : text);
