// JSON of a result: { metadata: [columns], data: [[cells of a row], ...], overflow }. 64-bit integers are strings, NaN and infinities null.

import type { Table, VotableField } from '#libs/table';
import type { WrittenResult } from './result-writer.js';

function cellOf(table: Table, { name }: VotableField, row: number): unknown {
  if (table.hasArray(name)) {
    const cell = table.cell(name, row);
    return cell === null ? null : Array.from(cell as ArrayLike<number | bigint | string | null>, plain);
  }
  return plain(table.value(name, row));
}

const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
};

export async function* writeJson({ fields, batches, outcome }: WrittenResult): AsyncGenerator<Uint8Array> {
  const metadata = fields.map(({ ref: _ref, values: _values, ...about }) => about);
  yield Buffer.from(`{"metadata":${JSON.stringify(metadata)},\n"data":[`);
  let separator = '\n';
  for await (const table of batches) {
    const lines: string[] = [];
    for (let row = 0; row < table.rowCount; row++)
      lines.push(JSON.stringify(fields.map((field) => cellOf(table, field, row))));
    yield Buffer.from(separator + lines.join(',\n'));
    separator = ',\n';
  }
  yield Buffer.from(`\n],"overflow":${outcome.overflow}}\n`);
}
