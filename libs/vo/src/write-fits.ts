// A FITS binary table of a result. FITS says how many rows there are before the first one, so the rows are held until the last has come.

import { fitsPieces, Header, type PixelData, type VectorColumn } from '#libs/fits';
import { type ArrayColumn, arrayCell, type Column, concatTables, Table, type VotableField } from '#libs/table';
import type { WrittenResult } from './result-writer.js';

export async function* writeFitsTable({ fields, batches, outcome }: WrittenResult): AsyncGenerator<Uint8Array> {
  const held: Table[] = [];
  for await (const batch of batches) held.push(batch);
  const rows = concatTables(held);
  const about = new Map(fields.map((field) => [field.name, field]));
  const columns = rows.columns.map((column): Column => ({ ...column, ...described(about.get(column.name)) }));
  const vectors = rows.arrayColumns.map((column) => vectorOf(column, rows.rowCount, about.get(column.name)));
  const header = new Header();
  if (outcome.overflow) header.set('OVERFLOW', true, 'there are more rows');
  yield* fitsPieces([{ kind: 'table', name: 'RESULT', table: new Table(columns, rows.rowCount), vectors, header }]);
}

const described = (field: VotableField | undefined): Partial<Pick<Column, 'unit' | 'ucd' | 'description'>> => ({
  ...(field?.unit && { unit: field.unit }),
  ...(field?.ucd && { ucd: field.ucd }),
  ...(field?.description && { description: field.description }),
});

function vectorOf(column: ArrayColumn, rows: number, field: VotableField | undefined): VectorColumn {
  const { unit, description } = described(field);
  const empty = (column.values as PixelData).slice(0, 0);
  return {
    name: column.name,
    variable: true,
    rows: Array.from({ length: rows }, (_, row) => (arrayCell(column, row) as PixelData | null) ?? empty),
    ...(unit && { unit }),
    ...(description && { description }),
  };
}
