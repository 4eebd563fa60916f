// Which format a file is in: by its first bytes; delimited text, which has no mark of its own, by name and first line.

import { TableError } from '#libs/table';

export type TableFormat = 'fits' | 'parquet' | 'votable' | 'csv' | 'tsv';

const starts = (bytes: Uint8Array, text: string): boolean =>
  Buffer.from(bytes.subarray(0, text.length)).toString('latin1') === text;

/** Throws BAD_FORMAT for bytes that are none of the formats. `name` matters only to text. */
export function tableFormat(start: Uint8Array, name = ''): TableFormat {
  if (starts(start, 'PAR1')) return 'parquet';
  if (starts(start, 'SIMPLE  =')) return 'fits';
  const wide = (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff);
  const text = Buffer.from(start)
    .toString('latin1')
    .replaceAll(wide ? '\0' : '', '');
  if (/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*</.test(text)) return 'votable';
  if (text === '' || (!wide && start.includes(0)))
    throw new TableError('BAD_FORMAT', 'the file is none of FITS, Parquet, VOTable, CSV and TSV', { value: name });
  if (/\.(?:tsv|tab)(?:\.gz)?$/i.test(name)) return 'tsv';
  if (/\.csv(?:\.gz)?$/i.test(name)) return 'csv';
  const [line = ''] = text.split(/[\r\n]/);
  return line.includes('\t') ? 'tsv' : 'csv';
}
