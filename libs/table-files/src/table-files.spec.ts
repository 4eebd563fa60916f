import { expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeFits, openFits } from '#libs/fits';
import { Table, type VotableField } from '#libs/table';
import { collected, differences, everyDatatype, everyField } from '../../../test/support/every-datatype.js';
import {
  fitsInput,
  readTable,
  tableBatches,
  tableFormat,
  type TableFormat,
  tableFromFits,
  writeTable,
} from './index.js';

const simple = new Table([
  { name: 'id', type: 'long', data: BigInt64Array.of(2n ** 63n - 1n, -1n) },
  { name: 'x', type: 'double', data: Float64Array.of(0.1, 2.5), unit: 'deg' },
  { name: 's', type: 'string', data: ['a', 'bc'] },
]);
const fields: readonly VotableField[] = [
  { name: 'id', datatype: 'long' },
  { name: 'x', datatype: 'double', unit: 'deg' },
  { name: 's', datatype: 'char', arraysize: '*' },
];
const formats: readonly TableFormat[] = ['fits', 'parquet', 'votable', 'csv', 'tsv'];

it.each(formats)(
  'writes %s, knows it again by its bytes, from disk and under gzip, and reads the same table',
  async (format) => {
    const bytes = await collected(writeTable(fields, [simple], { format }));
    expect(tableFormat(bytes.subarray(0, 100))).toBe(format);
    const folder = await mkdtemp(join(tmpdir(), 'almagest-table-files-'));
    try {
      const path = join(folder, 'any.dat');
      await writeFile(path, bytes);
      for (const source of [bytes, gzipSync(bytes), path]) {
        expect(differences(await readTable(source), simple)).toEqual([]);
        let rows = 0;
        for await (const batch of tableBatches(source)) rows += batch.rowCount;
        expect(rows).toBe(2);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

it('takes numeric arrays of every type through FITS, with vectors, matrices and varying lengths', async () => {
  const arrays = everyDatatype.arrayColumns.filter(
    ({ element }) => !['boolean', 'floatComplex', 'doubleComplex'].includes(element),
  );
  const table = new Table(
    everyDatatype.columns.filter(({ name }) => name !== 'name'),
    4,
    'every',
    arrays,
  );
  const file = await openFits(encodeFits([fitsInput(table)]));
  const back = tableFromFits(await file.hdu(1).readTable());
  const numbers = new Table([], 4, 'every', arrays);
  // a missing vector is one of NaN, a missing list an empty one
  expect(differences(back, numbers)).toEqual([
    'vector[2] is NaN,NaN,NaN, not null',
    'lightcurve[1] is , not null',
    'stack[2] is , not null',
    'ids[2] is , not null',
  ]);
  expect(back.arrayColumn('matrix').shape).toEqual([2, 2]);
});

it('refuses arrays that its FITS cannot hold, tables that are not there, and files that are no tables', async () => {
  expect(() => fitsInput(everyDatatype)).toThrow('not written to FITS');
  const votable = await collected(writeTable(everyField, [everyDatatype], { format: 'votable' }));
  await expect(readTable(votable, { index: 1 })).rejects.toMatchObject({ code: 'BAD_FORMAT', value: 1 });
  await expect(readTable(Uint8Array.of(0, 1, 2))).rejects.toMatchObject({ code: 'BAD_FORMAT' });
});

it('reads a VOTable without rows as the columns it declares', async () => {
  const bytes = await collected(writeTable(everyField, [], { format: 'votable' }));
  expect(differences(await readTable(bytes), everyDatatype.take([]))).toEqual([]);
});
