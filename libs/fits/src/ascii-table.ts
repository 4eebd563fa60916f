// ASCII tables in (FITS Standard 4.0, section 7.2): numbers as text in fixed columns.

import { type Column, type ColumnType, newColumnData } from '#libs/table';
import { FitsError } from './errors.js';
import { decodeText, type FieldValue } from './field-values.js';
import { type FitsField, FitsTable } from './fits-table.js';
import type { HduLayout } from './layout.js';
import type { PixelData } from './pixels.js';
import type { ReadableAt } from './source.js';
import { tableBytes, type TableBytes } from './table-bytes.js';

interface TextField {
  readonly number: number;
  readonly name: string;
  readonly form: string;
  readonly code: 'A' | 'I' | 'F' | 'E' | 'D';
  readonly start: number;
  readonly width: number;
  readonly decimals: number;
  readonly tnull: string | undefined;
  readonly tscal: number;
  readonly tzero: number;
  readonly unit: string | undefined;
}

export async function readAsciiTable(source: ReadableAt, hdu: HduLayout, name: string): Promise<FitsTable> {
  const data = await tableBytes(source, hdu, name);
  const fields = readFields(hdu, data.rowBytes);
  const columns = fields.map((field) => columnOf(data, field));
  const asFields = fields.map((field, i): FitsField => {
    const column = columns[i]!;
    const value = (row: number): FieldValue =>
      column.nulls?.[row] ? null : (column.data[row] as number | bigint | string);
    return {
      name: field.name,
      form: field.form,
      ...(field.unit && { unit: field.unit }),
      repeat: 1,
      value,
      array: (row) =>
        column.type === 'string'
          ? new TextEncoder().encode(String(value(row) ?? ''))
          : ((column.data as Float64Array).slice(row, row + 1) as PixelData),
    };
  });
  return new FitsTable(columns, data.rows, asFields, name || undefined);
}

function readFields(hdu: HduLayout, rowBytes: number): TextField[] {
  const { header } = hdu;
  const count = header.requireInteger('TFIELDS', 0, 999);
  const fields: TextField[] = [];
  const names = new Set<string>();
  for (let n = 1; n <= count; n++) {
    const form = header.requireString(`TFORM${n}`).trim();
    const match = /^([AIFED])(\d+)(?:\.(\d+))?$/.exec(form);
    const start = header.requireInteger(`TBCOL${n}`, 1) - 1;
    const width = Number(match?.[2] ?? 0);
    if (!match || width < 1 || start + width > rowBytes)
      throw new FitsError(
        'BAD_TABLE',
        `column ${n} of HDU ${hdu.index}: "${form}" at ${start + 1} in rows of ${rowBytes}`,
        {
          hdu: hdu.index,
          card: `TFORM${n}`,
          value: form,
        },
      );
    const given = header.getString(`TTYPE${n}`)?.trim() || `col${n}`;
    const name = names.has(given) ? `${given}_${n}` : given;
    names.add(name);
    fields.push({
      number: n,
      name,
      form,
      code: match[1] as TextField['code'],
      start,
      width,
      decimals: Number(match[3] ?? 0),
      tnull: header.getString(`TNULL${n}`)?.trim(),
      tscal: header.numberOr(`TSCAL${n}`, 1),
      tzero: header.numberOr(`TZERO${n}`, 0),
      unit: header.getString(`TUNIT${n}`)?.trim(),
    });
  }
  return fields;
}

function columnOf(data: TableBytes, field: TextField): Column {
  const scaled = field.tscal !== 1 || field.tzero !== 0;
  const type: ColumnType =
    field.code === 'A' ? 'string' : field.code !== 'I' || scaled ? 'double' : field.width > 9 ? 'long' : 'int';
  const values = newColumnData(type, data.rows);
  let nulls: Uint8Array | undefined;
  for (let row = 0; row < data.rows; row++) {
    const text = decodeText(data.bytes, row * data.rowBytes + field.start, field.width);
    const trimmed = text.trim();
    const missing =
      field.code === 'A'
        ? field.tnull !== undefined && trimmed === field.tnull && trimmed !== ''
        : trimmed === '' || trimmed === field.tnull;
    if (missing) {
      (nulls ??= new Uint8Array(data.rows))[row] = 1;
      if (type === 'double') (values as Float64Array)[row] = NaN;
    } else if (type === 'string') (values as string[])[row] = text;
    else if (type === 'long')
      (values as BigInt64Array)[row] = BigInt.asIntN(64, parseInteger(trimmed, data, field, row));
    else if (field.code === 'I') {
      const value = Number(parseInteger(trimmed, data, field, row));
      (values as Float64Array)[row] = scaled ? value * field.tscal + field.tzero : value;
    } else (values as Float64Array)[row] = parseReal(trimmed, data, field, row) * field.tscal + field.tzero;
  }
  return {
    name: field.name,
    type,
    data: values,
    ...(field.unit && { unit: field.unit }),
    ...(nulls && { nulls }),
  } as Column;
}

const wrong = (text: string, data: TableBytes, field: TextField, row: number): FitsError =>
  new FitsError('BAD_TABLE', `row ${row} of column ${field.name} (HDU ${data.hdu}) holds "${text}", no number`, {
    hdu: data.hdu,
    card: `TFORM${field.number}`,
    value: text,
  });

function parseInteger(text: string, data: TableBytes, field: TextField, row: number): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw wrong(text, data, field, row);
  const value = BigInt(text.replace(/^\+/, ''));
  if (value >= 2n ** 63n || value < -(2n ** 63n)) throw wrong(text, data, field, row);
  return value;
}

/** A number without a decimal point has one before its last `decimals` digits, as in Fortran. */
function parseReal(text: string, data: TableBytes, field: TextField, row: number): number {
  const match = /^([+-]?\d*)(\.\d*)?(?:[EeDd]?([+-]?\d+))?$/.exec(text.replace(/\s+/g, ''));
  if (!match || !/\d/.test(`${match[1]}${match[2] ?? ''}`)) throw wrong(text, data, field, row);
  const exponent = Number(match[3] ?? 0) - (match[2] === undefined ? field.decimals : 0);
  return Number(`${match[1]}${match[2] ?? ''}E${exponent}`);
}
