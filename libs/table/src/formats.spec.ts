import { expect, it } from '@jest/globals';
import { collected, differences, everyDatatype, everyField } from '../../../test/support/every-datatype.js';
import {
  parquetBatches,
  readCsv,
  readParquet,
  readParquetHead,
  readVotable,
  readVotableTable,
  Table,
  TableError,
  type VotableDocument,
  votableEvents,
  type VotableSerialization,
  votableTables,
  writeCsv,
  writeParquet,
  writeVotable,
  writeVotableDocument,
} from './index.js';

const serializations: readonly VotableSerialization[] = ['TABLEDATA', 'BINARY', 'BINARY2'];
const empty = everyDatatype.take([]);
const pieces = [everyDatatype.slice(0, 1), empty, everyDatatype.slice(1, 4)];

/** What a serialisation cannot say: BINARY has no missing floats but NaN, and only BINARY2 has missing fixed arrays. */
const UNSAYABLE: Readonly<Record<VotableSerialization, readonly string[]>> = {
  TABLEDATA: ['vector[2] is NaN,NaN,NaN, not null'],
  BINARY: ['ra[2] is NaN, not null', 'flux[2] is NaN, not null', 'vector[2] is NaN,NaN,NaN, not null'],
  BINARY2: [],
};

it.each(serializations)('reads back every datatype and its missing values from %s', async (serialization) => {
  const bytes = await collected(writeVotable({ fields: everyField }, pieces, { serialization }));
  expect(differences(await readVotableTable(bytes), everyDatatype)).toEqual(UNSAYABLE[serialization]);
});

it.each(serializations)('reads back a table without rows from %s', async (serialization) => {
  const bytes = await collected(writeVotable({ fields: everyField }, [empty], { serialization }));
  expect(differences(await readVotableTable(bytes), empty)).toEqual([]);
});

it('reads the same from a document in pieces of one byte as from the whole', async () => {
  for (const serialization of serializations) {
    const bytes = await collected(writeVotable({ fields: everyField }, pieces, { serialization }));
    async function* drops(): AsyncGenerator<Uint8Array> {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    expect(differences(await readVotableTable(drops()), everyDatatype)).toEqual(UNSAYABLE[serialization]);
  }
});

it('hands out rows while the document still comes, in batches of bounded size', async () => {
  const n = 20_000;
  const table = new Table([{ name: 'i', type: 'int', data: Int32Array.from({ length: n }, (_, i) => i) }]);
  const sizes: number[] = [];
  let sent = 0;
  let sentAtFirstRows = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of writeVotable({ fields: [{ name: 'i', datatype: 'int' }] }, [table], {
      serialization: 'TABLEDATA',
    })) {
      sent += chunk.length;
      yield chunk;
    }
  }
  for await (const event of votableEvents(chunks()))
    if (event.kind === 'rows') {
      sizes.push(event.rows.rowCount);
      sentAtFirstRows ||= sent;
    }
  expect(sizes.reduce((a, b) => a + b, 0)).toBe(n);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(2048);
  expect(sentAtFirstRows).toBeLessThan(sent / 2);
});

it('keeps the metadata of a document: nesting, groups, parameters, coordinate and time systems, services', async () => {
  const document: VotableDocument = {
    version: '1.4',
    description: 'Two resources & a service',
    infos: [{ name: 'provider', value: 'a "quoted" <one>', text: 'more' }],
    resources: [
      {
        type: 'results',
        infos: [{ name: 'QUERY_STATUS', value: 'OK' }],
        coosys: [{ ID: 'icrs', system: 'ICRS', epoch: 'J2016.0' }],
        timesys: [{ ID: 'tai', timeorigin: '2400000.5', timescale: 'TAI', refposition: 'TOPOCENTER' }],
        links: [{ contentRole: 'doc', href: 'https://example.org/?a=1&b=2' }],
        tables: [
          {
            ID: 't',
            name: 'sources',
            description: 'What was seen',
            fields: [
              {
                name: 'mjd',
                ID: 'c1',
                datatype: 'double',
                ref: 'tai',
                unit: 'd',
                ucd: 'time.epoch',
                utype: 'stc:time',
                xtype: 'mjd',
                precision: 'F6',
                width: '12',
                description: 'Mid-point',
                values: [
                  {
                    ID: 'domain',
                    type: 'legal',
                    min: { value: '50000', inclusive: false },
                    max: { value: '90000' },
                    options: [{ name: 'none', value: '0', options: [{ value: '1' }] }],
                  },
                ],
                links: [{ title: 'about', href: 'https://example.org' }],
              },
            ],
            params: [{ name: 'epoch', datatype: 'double', value: '2000.0', unit: 'yr' }],
            groups: [
              {
                name: 'position',
                utype: 'stc:AstroCoords',
                fieldRefs: [{ ref: 'c1', utype: 'stc:t' }],
                paramRefs: [{ ref: 'p' }],
                groups: [{ name: 'inner', params: [{ name: 'n', datatype: 'int', value: '1' }] }],
              },
            ],
            rows: [new Table([{ name: 'mjd', type: 'double', data: Float64Array.of(60000.5) }])],
          },
        ],
        resources: [{ name: 'nested', tables: [{ name: 'bare', fields: [] }] }],
        trailingInfos: [{ name: 'QUERY_STATUS', value: 'OVERFLOW' }],
      },
      {
        type: 'meta',
        utype: 'adhoc:service',
        params: [{ name: 'accessURL', datatype: 'char', arraysize: '*', value: 'https://example.org/cutout' }],
        groups: [
          { name: 'inputParams', params: [{ name: 'ID', datatype: 'char', arraysize: '*', value: '', ref: 'c1' }] },
        ],
      },
    ],
  };
  const withoutRows = (whole: VotableDocument): unknown =>
    JSON.parse(JSON.stringify(whole, (key, value: unknown) => (key === 'rows' ? undefined : value)));
  const read = await readVotable(await collected(writeVotableDocument(document)));
  expect(withoutRows(read)).toEqual(withoutRows(document));
  const [rows] = votableTables(read)[0]!.rows as Table[];
  expect(rows!.value('mjd', 0)).toBe(60000.5);
});

const plain = new Table(everyDatatype.columns, 4);

it.each([
  ['CSV', ','],
  ['TSV', '\t'],
] as const)('reads back every scalar type from %s when it is told the types', async (_, delimiter) => {
  const names = plain.columns.map((column) => column.name);
  const bytes = await collected(writeCsv(names, [plain.slice(0, 2), plain.slice(2, 4)], { delimiter }));
  expect(differences(await readCsv(bytes, { columns: plain.columns, delimiter }), plain)).toEqual([]);
});

it.each(['SNAPPY', 'UNCOMPRESSED'] as const)(
  'reads back every datatype, units and UCDs from Parquet (%s)',
  async (codec) => {
    const bytes = await collected(writeParquet(everyField, pieces, { codec, rowGroupRows: 3 }));
    const table = await readParquet(bytes);
    expect(differences(table, everyDatatype)).toEqual([]);
    expect(table.column('id')).toMatchObject({ ucd: 'meta.id;meta.main', description: 'Identifier <64 bits> & exact' });
    expect(await readParquetHead(bytes)).toMatchObject({ rowCount: 4, rowGroups: 2 });
    const sizes: number[] = [];
    for await (const batch of parquetBatches(bytes, { columns: ['ra', 'bits'] })) sizes.push(batch.rowCount);
    expect(sizes).toEqual([3, 1]);
  },
);

it('refuses a Parquet file that is cut off, and pages and footers that claim what is not there', async () => {
  const bytes = await collected(writeParquet(everyField, pieces, { codec: 'UNCOMPRESSED' }));
  await expect(readParquet(bytes.subarray(0, -1))).rejects.toThrow(TableError);
  await expect(readParquet(Buffer.from('PAR1'))).rejects.toThrow(TableError);
  let refused = 0;
  for (let at = 4; at < 24; at++) {
    // the header of the first page: sizes and counts as varints
    const damaged = Uint8Array.from(bytes);
    damaged[at] = 0x7f;
    const outcome = await readParquet(damaged).catch((error: unknown) => error);
    if (outcome instanceof TableError) refused++;
    else expect(outcome).toBeInstanceOf(Table);
  }
  expect(refused).toBeGreaterThan(5);
});

it('reads back a Parquet file without rows', async () => {
  expect(differences(await readParquet(await collected(writeParquet(everyField, []))), empty)).toEqual([]);
});
