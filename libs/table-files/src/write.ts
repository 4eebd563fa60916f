// Tables out, whatever the format.

import { encodeFits } from '#libs/fits';
import {
  concatTables,
  type Table,
  TableError,
  type VotableField,
  writeCsv,
  writeParquet,
  writeVotable,
} from '#libs/table';
import { fitsInput } from './fits.js';
import type { TableFormat } from './format.js';

export interface WriteTableOptions {
  readonly format: TableFormat;
}

/** Bytes of a file of one table with the columns of the fields, streamed but for FITS, which needs all rows first. */
export async function* writeTable(
  fields: readonly VotableField[],
  rows: Iterable<Table> | AsyncIterable<Table>,
  { format }: WriteTableOptions,
): AsyncGenerator<Uint8Array, void> {
  const names = fields.map(({ name, column = name }) => column);
  switch (format) {
    case 'votable':
      return yield* writeVotable({ fields }, rows);
    case 'parquet':
      return yield* writeParquet(fields, rows);
    case 'csv':
      return yield* writeCsv(names, rows);
    case 'tsv':
      return yield* writeCsv(names, rows, { delimiter: '\t' });
    default: {
      const batches: Table[] = [];
      for await (const batch of rows) batches.push(batch);
      if (batches.length === 0)
        throw new TableError('LENGTH_MISMATCH', 'a FITS table needs a batch that says its columns, if an empty one');
      return yield encodeFits([fitsInput(concatTables(batches))]);
    }
  }
}
