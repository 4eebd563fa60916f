// Random groups in (FITS Standard 4.0, section 6): a deprecated form, still that of radio visibilities. Each group is a row: its
// parameters as columns of doubles, its array as the field DATA. Parameters of one name are added, as the standard asks.

import type { Column } from '#libs/table';
import { FitsError } from './errors.js';
import { decodeElements } from './field-values.js';
import { type FitsField, FitsTable } from './fits-table.js';
import type { HduLayout } from './layout.js';
import { itemSizeOf, readScaling } from './pixels.js';
import type { ReadableAt } from './source.js';
import { type FieldCode, type FieldFormat } from './table-format.js';

const CODES: Readonly<Record<string, FieldCode>> = {
  '8': 'B',
  '16': 'I',
  '32': 'J',
  '64': 'K',
  '-32': 'E',
  '-64': 'D',
};

interface Parameter {
  readonly name: string;
  /** where its values (more than one when names are shared) stand in the group, with their scaling */
  readonly parts: readonly FieldFormat[];
}

/** One row per group; scaled by PSCALn and PZEROn, the array by BSCALE and BZERO. Memory: the file's bytes and the columns. */
export async function readRandomGroups(source: ReadableAt, hdu: HduLayout, name: string): Promise<FitsTable> {
  const { header, bitpix, axes, index } = hdu;
  const count = header.integerOr('PCOUNT', 0, 0);
  const groups = header.integerOr('GCOUNT', 1, 0);
  const item = itemSizeOf(bitpix);
  const dim = axes.slice(1);
  const elements = dim.reduce((total, axis) => total * axis, 1);
  const groupBytes = item * (count + elements);
  if (hdu.dataSize > source.size - hdu.dataOffset || groups * groupBytes !== hdu.dataSize)
    throw new FitsError('TRUNCATED', `the groups of HDU ${index} need ${hdu.dataSize} bytes, more than the file has`, {
      hdu: index,
      offset: source.size,
    });
  if (groupBytes === 0 && groups > 0)
    throw new FitsError('BAD_HEADER', `HDU ${index} claims ${groups} groups of nothing`, {
      hdu: index,
      card: 'GCOUNT',
    });
  const bytes = await source.readAt(hdu.dataOffset, hdu.dataSize);
  const parameters = readParameters(hdu, count, item);
  const columns = parameters.map((parameter): Column => {
    const data = new Float64Array(groups);
    for (const part of parameter.parts)
      for (let row = 0; row < groups; row++)
        data[row]! += Number(decodeElements(part, bytes, row * groupBytes + part.offset, 1)[0]);
    return { name: parameter.name, type: 'double', data };
  });
  const { bscale, bzero, blank } = readScaling(header, bitpix);
  const array: FieldFormat = {
    ...formatOf(CODES[bitpix]!, count, 'DATA', item),
    repeat: elements,
    form: `${elements}${CODES[bitpix]!}`,
    tscal: bscale,
    tzero: bzero,
    ...(blank !== undefined && { tnull: blank }),
  };
  const arrayOf = (row: number): ReturnType<FitsField['array']> => {
    if (!(Number.isInteger(row) && row >= 0 && row < groups))
      throw new FitsError('BAD_TABLE', `row ${row} is not one of the ${groups} groups`, { hdu: index, value: row });
    return decodeElements(array, bytes, row * groupBytes + array.offset, elements);
  };
  const fields = columns.map(({ name: parameter, data }): FitsField => ({
    name: parameter,
    form: '1D',
    repeat: 1,
    value: (row) => (data as Float64Array)[row] ?? null,
    array: (row) => (data as Float64Array).slice(row, row + 1),
  }));
  fields.push({
    name: 'DATA',
    form: array.form,
    repeat: elements,
    dim,
    ...(blank !== undefined && { nullValue: blank }),
    value: arrayOf,
    array: arrayOf,
  });
  return new FitsTable(columns, groups, fields, name || undefined);
}

function readParameters({ header }: HduLayout, count: number, item: number): Parameter[] {
  const byName = new Map<string, FieldFormat[]>();
  const code = CODES[header.requireInteger('BITPIX')]!;
  for (let n = 1; n <= count; n++) {
    const name = header.getString(`PTYPE${n}`)?.trim() || `PARAM${n}`;
    const part = {
      ...formatOf(code, n - 1, name, item),
      tscal: header.numberOr(`PSCAL${n}`, 1),
      tzero: header.numberOr(`PZERO${n}`, 0),
    };
    byName.set(name, [...(byName.get(name) ?? []), part]);
  }
  return [...byName].map(([name, parts]) => ({ name, parts }));
}

const formatOf = (code: FieldCode, position: number, name: string, item: number): FieldFormat => ({
  number: position + 1,
  name,
  form: `1${code}`,
  code,
  repeat: 1,
  offset: position * item,
  width: item,
  tscal: 1,
  tzero: 0,
});
