import { describe, expect, it } from '@jest/globals';
import { responseFormatOf, RESPONSE_FORMATS } from './response-format.js';
import { DaliParameters } from './dali.js';
import { tapRequestOf } from './tap-request.js';
import { PUBLISHED } from './tableset.js';
import { tapSchemaRows } from './tap-schema-tables.js';
import { jobXml, type UwsJob } from './uws.js';
import { spelledName } from './vo-table.js';
import { tableXml } from './vosi.js';
import { element, text } from './xml.js';

describe('XML', () => {
  it('never lets text become markup, nor holds what XML cannot', () => {
    expect(element('a', { b: '"<\n' }, text('x<y & "z"\u0000\ud800'))).toBe(
      '<a b="&quot;&lt;&#10;">x&lt;y &amp; &quot;z&quot;\ufffd\ufffd</a>',
    );
    expect(text('😀')).toBe('😀');
  });
});

describe('formats', () => {
  it('have many names, whatever the case and blanks', () => {
    for (const [name, format] of [
      [undefined, 'votable'],
      ['text/xml', 'votable'],
      ['application/x-votable+xml; Serialization="binary2"', 'votable/b2'],
      ['application/x-votable xml;serialization=TABLEDATA', 'votable/td'],
      ['text/csv', 'csv'],
      ['TEXT/CSV;header=present', 'csv'],
      ['image/fits', 'fits'],
      ['application/vnd.apache.parquet', 'parquet'],
    ] as const)
      expect(responseFormatOf(name).name).toBe(format);
    expect(() => responseFormatOf('application/x-guess')).toThrow(/there are votable/);
    expect(new Set(RESPONSE_FORMATS.map(({ mime }) => mime)).size).toBe(RESPONSE_FORMATS.length);
  });
});

describe('TAP requests', () => {
  const limits = { defaultRows: 10, maximumRows: 100 };
  const request = (given: Record<string, string | string[]>) => tapRequestOf(new DaliParameters(given), limits);

  it('need a language that is known and a query', () => {
    expect(request({ LANG: 'adql-2.1', QUERY: 'SELECT 1', REQUEST: 'doQuery', VERSION: '1.0' })).toMatchObject({
      adql: 'SELECT 1',
      maxRows: 10,
    });
    expect(() => request({ QUERY: 'SELECT 1' })).toThrow('the parameter LANG is missing');
    expect(() => request({ LANG: 'OOBLECK', QUERY: 'x' })).toThrow(/OOBLECK/);
    expect(() => request({ LANG: 'ADQL' })).toThrow('the parameter QUERY is missing');
    expect(request({ LANG: 'ADQL', QUERY: 'x', MAXREC: '1000' }).maxRows).toBe(100);
  });

  it('name uploads one by one or in a list', () => {
    const uploads = request({
      LANG: 'ADQL',
      QUERY: 'x',
      UPLOAD: ['a,param:p;b,https://example.org/b.vot', 'TAP_UPLOAD.c,param:q'],
    }).uploads;
    expect(uploads).toEqual([
      { table: 'a', uri: 'param:p' },
      { table: 'b', uri: 'https://example.org/b.vot' },
      { table: 'c', uri: 'param:q' },
    ]);
    for (const bad of ['a', 'a,file:/etc/passwd', '1a,param:p', 'a b,param:p', '"a",param:p', ',param:p'])
      expect(() => request({ LANG: 'ADQL', QUERY: 'x', UPLOAD: bad })).toThrow(/UPLOAD|name of a table/);
  });
});

describe('the published tables', () => {
  it('have a description of every table and column, and keys between columns that exist', () => {
    for (const { name, description, columns } of PUBLISHED.tables) {
      expect([name, description]).toEqual([name, expect.stringMatching(/\.$/)]);
      for (const column of columns)
        expect([name, column.name, column.description]).toEqual([name, column.name, expect.stringMatching(/\S/)]);
    }
    const columnsOf = (table: string): string[] =>
      PUBLISHED.tables.find((one) => `${one.schema}.${one.name}` === table)!.columns.map(({ name }) => name);
    for (const { from, target, columns } of PUBLISHED.keys)
      for (const pair of columns) {
        expect(columnsOf(from)).toContain(pair.from);
        expect(columnsOf(target)).toContain(pair.target);
      }
  });

  it('are all in TAP_SCHEMA, which describes itself', () => {
    const rows = Object.fromEntries(tapSchemaRows(PUBLISHED).map((one) => [one.table, one.rows]));
    expect(rows['tap_schema_tables']!.map((row) => row[1])).toEqual(
      PUBLISHED.tables.map(({ schema, name }) => `${schema}.${name}`),
    );
    expect(rows['tap_schema_columns']!.filter((row) => row[0] === 'TAP_SCHEMA.columns').map((row) => row[1])).toContain(
      '"size"',
    );
    expect(spelledName({ name: 'ra' })).toBe('ra');
    expect(spelledName({ name: 'odd name' })).toBe('"odd name"');
  });

  it('are documents with their keys', () => {
    const table = PUBLISHED.tables.find(({ name }) => name === 'SSSource')!;
    const xml = tableXml(table, PUBLISHED.keys);
    expect(xml).toContain('<targetTable>almagest.SSObject</targetTable>');
    expect(xml.match(/<column>/g)).toHaveLength(table.columns.length);
  });
});

describe('jobs', () => {
  const job: UwsJob = {
    id: 'tap.1',
    runId: 'a<b',
    owner: null,
    phase: 'ERROR',
    quote: null,
    createdAt: new Date('2026-11-20T10:00:00Z'),
    startedAt: null,
    endedAt: null,
    executionDurationS: 60,
    destruction: new Date('2026-12-20T10:00:00Z'),
    parameters: { QUERY: ['SELECT "x" < 1'] },
    results: [],
    error: { kind: 'fatal', message: 'no & never' },
    progress: 0,
  };
  it('say what is missing by xsi:nil, and errors in words', () => {
    const xml = jobXml(job);
    expect(xml).toContain('<uws:ownerId xsi:nil="true"/>');
    expect(xml).toContain('<uws:parameter id="query">SELECT &quot;x&quot; &lt; 1</uws:parameter>');
    expect(xml).toContain(
      '<uws:errorSummary type="fatal" hasDetail="true"><uws:message>no &amp; never</uws:message></uws:errorSummary>',
    );
    expect(jobXml({ ...job, phase: 'COMPLETED' })).not.toContain('errorSummary');
  });
});
