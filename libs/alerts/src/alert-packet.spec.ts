import { describe, expect, it } from '@jest/globals';
import avro from 'avsc';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlertError, alertToJson, ALERT_AVRO_SCHEMA, buildAlert, decodeAlert, encodeAlert } from './index.js';

const diaSource = {
  diaSourceId: 8498345712345678901n,
  visit: 2026112100012n,
  detector: 1,
  diaObjectId: 9007199254740993n,
  midpointMjdTai: 61365.25,
  ra: 359.99999,
  dec: -60,
  x: 10.5,
  y: 20.25,
  snr: 12.5,
  psfFlux: 1234.5,
  psfFluxErr: NaN,
  band: 'r',
  timeProcessedMjdTai: 61365.251,
  isDipole: false,
  hpx29: 12n,
};
const diaObject = {
  diaObjectId: 9007199254740993n,
  validityStartMjdTai: 61365.25,
  ra: 359.99999,
  dec: -60,
  nDiaSources: 2,
  r_psfFluxMean: 1200,
};

describe('alert packets', () => {
  it('come back from the wire as they went, 64-bit identifiers exact, NaN as null', () => {
    const cutouts = { difference: Uint8Array.of(1, 2), science: Uint8Array.of(3), template: Uint8Array.of(4) };
    const frame = encodeAlert(
      buildAlert({
        diaSource,
        previousDiaSources: [{ ...diaSource, diaSourceId: 5n }],
        previousForcedSources: [],
        diaObject,
        cutouts,
      }),
    );
    expect([...frame.subarray(0, 5)]).toEqual([0, 0, 0, 0x04, 0x4c]);
    const alert = decodeAlert(frame) as {
      diaSource: Record<string, unknown>;
      prvDiaSources: Record<string, unknown>[];
      diaObject: Record<string, unknown>;
      cutoutDifference: Buffer;
    };
    expect(alert.diaSource).toMatchObject({
      diaSourceId: 8498345712345678901n,
      diaObjectId: 9007199254740993n,
      ra: 359.99999,
      psfFlux: 1234.5,
      psfFluxErr: null,
      psfNdata: 0,
      band: 'r',
    });
    expect(alert.prvDiaSources[0]!['diaSourceId']).toBe(5n);
    expect(alert.diaObject).toMatchObject({ r_psfFluxMean: 1200, u_psfFluxMean: null, g_psfFluxNdata: 0 });
    expect([...alert.cutoutDifference]).toEqual([1, 2]);
  });

  it('are JSON without pixels and with identifiers as strings', () => {
    const json = alertToJson(buildAlert({ diaSource, previousDiaSources: [], previousForcedSources: [] }));
    expect(json).toMatchObject({
      diaSourceId: '8498345712345678901',
      diaSource: { diaObjectId: '9007199254740993' },
      diaObject: null,
      cutouts: { science: false },
    });
  });

  it('name the field that has no value', () => {
    const { visit: _visit, ...rest } = diaSource;
    expect(() => buildAlert({ diaSource: rest, previousDiaSources: [], previousForcedSources: [] })).toThrow(
      new AlertError('MISSING_FIELD', 'diaSource.visit has no value'),
    );
  });

  it('refuse frames of other schemas and torn bodies', () => {
    const frame = encodeAlert(buildAlert({ diaSource, previousDiaSources: [], previousForcedSources: [] }));
    const other = Buffer.from(frame);
    other.writeUInt32BE(703, 1);
    expect(() => decodeAlert(other)).toThrow('schema id 703 is not 1100');
    expect(() => decodeAlert(frame.subarray(0, 40))).toThrow(expect.objectContaining({ code: 'BAD_FRAME' }));
    expect(() => decodeAlert(Uint8Array.of(1, 2))).toThrow(expect.objectContaining({ code: 'BAD_FRAME' }));
  });
});

const folder =
  process.env['ALMAGEST_TEST_DATA'] && join(process.env['ALMAGEST_TEST_DATA'], '5_alerts/lsst_alert_schema_11/0');
if (!folder || !existsSync(folder))
  process.stderr.write('not run: 2 tests of alert packets against the published schema need ALMAGEST_TEST_DATA\n');
else
  describe('the published schema of version 11.0', () => {
    type Field = { name: string; type: unknown };
    const published = (name: string): Field[] =>
      (JSON.parse(readFileSync(join(folder, `lsst.v11_0.${name}.avsc`), 'utf8')) as { fields: Field[] }).fields;
    /** structure only: names, order, types */
    const bare = (type: unknown): unknown => {
      if (Array.isArray(type)) return type.map(bare);
      if (typeof type === 'object' && type !== null) {
        const {
          type: kind,
          items,
          name,
          fields,
          logicalType,
        } = type as { type?: string; items?: unknown; name?: string; fields?: Field[]; logicalType?: string };
        if (kind === 'record')
          return {
            record: String(name).split('.').at(-1),
            fields: fields?.map((f) => [f.name, bare(f.type)]),
          };
        return logicalType ? `${String(kind)}:${String(logicalType)}` : { [String(kind)]: bare(items) };
      }
      return String(type).split('.').at(-1);
    };
    const ours = new Map<string, Field[]>();
    const collect = (type: unknown): void => {
      if (Array.isArray(type)) type.forEach(collect);
      else if (typeof type === 'object' && type !== null) {
        const node = type as { name?: string; fields?: Field[]; items?: unknown };
        if (node.name && node.fields) ours.set(node.name, node.fields);
        node.fields?.forEach((field) => collect(field.type));
        collect(node.items);
      }
    };
    collect(ALERT_AVRO_SCHEMA);

    it('has our field names, order and types in every record', () => {
      for (const name of ['diaSource', 'diaForcedSource', 'diaObject', 'ssSource', 'mpc_orbits'])
        expect(ours.get(name)!.map((f) => [f.name, bare(f.type)])).toEqual(
          published(name).map((f) => [f.name, bare(f.type)]),
        );
      expect(ours.get('alert')!.map((f) => f.name)).toEqual(published('alert').map((f) => f.name));
    });

    it('decodes a packet of ours with an independent compilation of its files', () => {
      const registry: Record<string, avro.Type> = {};
      for (const name of ['diaSource', 'diaForcedSource', 'diaObject', 'ssSource', 'mpc_orbits'])
        avro.Type.forSchema(JSON.parse(readFileSync(join(folder, `lsst.v11_0.${name}.avsc`), 'utf8')) as avro.Schema, {
          registry,
        });
      const reader = avro.Type.forSchema(
        JSON.parse(readFileSync(join(folder, 'lsst.v11_0.alert.avsc'), 'utf8')) as avro.Schema,
        { registry },
      );
      const small = { ...diaSource, diaSourceId: 4503599627370495n, diaObjectId: 77n };
      const frame = encodeAlert(
        buildAlert({ diaSource: small, previousDiaSources: [], previousForcedSources: [], diaObject }),
      );
      expect(() => reader.fromBuffer(frame.subarray(5))).toThrow(/precision|unsafe/i); // diaObject.diaObjectId exceeds what a double holds: the reader says so
      const exact = encodeAlert(
        buildAlert({
          diaSource: small,
          previousDiaSources: [],
          previousForcedSources: [],
          diaObject: { ...diaObject, diaObjectId: 77n },
        }),
      );
      expect(reader.fromBuffer(exact.subarray(5))).toMatchObject({
        diaSourceId: 4503599627370495,
        diaSource: { ra: 359.99999, band: 'r' },
        diaObject: { nDiaSources: 2 },
      });
    });
  });
