// loadDiaCatalogs: what the Level 1 catalog knew around the exposure, cut to the field. The snapshot is taken outside (before
// the pixels arrive); this Task only checks that it covers the image and drops what is off it. No database here.
import type { Exposure } from '#libs/image';
import { defineStorageClass, defineTask, one, type StorageClass, TaskFailure } from '#libs/pipeline';
import type { DiaCatalogSnapshot } from '#libs/schema';
import { angularSeparationDeg } from '#libs/sky';
import { type CellValue, type ColumnDescription, type Table, tableFromRows } from '#libs/table';
import { z } from 'zod';
import { ExposureStorage } from '../storage/index.js';

/** JSON: 64-bit integers as strings, a missing value as null. */
export const DiaCatalogStorage: StorageClass<DiaCatalogSnapshot> = defineStorageClass({
  name: 'DiaCatalog',
  extension: '.json',
  mediaType: 'application/json',
  encode: (value) =>
    new TextEncoder().encode(
      JSON.stringify({
        region: value.region,
        cells: value.cells.map(({ cell, version }) => [cell, String(version)]),
        diaObjects: tableToJson(value.diaObjects),
        diaSources: tableToJson(value.diaSources),
        diaForcedSources: tableToJson(value.diaForcedSources),
        solarSystem: tableToJson(value.solarSystem),
      }),
    ),
  decode(bytes) {
    const stored = JSON.parse(new TextDecoder().decode(bytes)) as StoredCatalog;
    return {
      region: stored.region,
      cells: stored.cells.map(([cell, version]) => ({ cell, version: BigInt(version) })),
      diaObjects: tableFromJson(stored.diaObjects),
      diaSources: tableFromJson(stored.diaSources),
      diaForcedSources: tableFromJson(stored.diaForcedSources),
      solarSystem: tableFromJson(stored.solarSystem),
    };
  },
});

interface StoredTable {
  readonly name?: string;
  readonly rowCount: number;
  readonly columns: readonly (ColumnDescription & { readonly values: (number | string | boolean | null)[] })[];
}
interface StoredCatalog {
  readonly region: DiaCatalogSnapshot['region'];
  readonly cells: readonly (readonly [number, string])[];
  readonly diaObjects: StoredTable;
  readonly diaSources: StoredTable;
  readonly diaForcedSources: StoredTable;
  readonly solarSystem: StoredTable;
}

const descriptionOf = ({ name, type, unit, ucd, description }: ColumnDescription): ColumnDescription => ({
  name,
  type,
  ...(unit && { unit }),
  ...(ucd && { ucd }),
  ...(description && { description }),
});

function tableToJson(table: Table): StoredTable {
  const columns = table.columns.map((column) => ({
    ...descriptionOf(column),
    values: Array.from({ length: table.rowCount }, (_, row) => {
      const value = table.value(column.name, row);
      return typeof value === 'bigint'
        ? String(value)
        : typeof value === 'number' && Number.isNaN(value)
          ? null
          : value;
    }),
  }));
  return { ...(table.name && { name: table.name }), rowCount: table.rowCount, columns };
}

function tableFromJson({ name, rowCount, columns }: StoredTable): Table {
  const descriptions = columns.map(descriptionOf);
  const rows = Array.from({ length: rowCount }, (_, row) =>
    Object.fromEntries(
      columns.map((column): [string, CellValue] => {
        const value = column.values[row] ?? null;
        return [column.name, column.type === 'long' && value !== null ? BigInt(value as string) : value];
      }),
    ),
  );
  return tableFromRows(descriptions, rows, name);
}

/** The circle about the exposure's centre that holds its corners [deg]. */
export function fieldOf(exposure: Exposure): { raDeg: number; decDeg: number; radiusDeg: number } {
  const { wcs, width, height } = exposure;
  if (!wcs) throw new TaskFailure('unprocessable', 'NO_WCS', 'the exposure has no astrometric solution');
  const centre = wcs.pixelToSky((width - 1) / 2, (height - 1) / 2);
  let radiusDeg = 0;
  for (const x of [-0.5, width - 0.5])
    for (const y of [-0.5, height - 0.5]) {
      const corner = wcs.pixelToSky(x, y);
      radiusDeg = Math.max(radiusDeg, angularSeparationDeg(centre.raDeg, centre.decDeg, corner.raDeg, corner.decDeg));
    }
  return { ...centre, radiusDeg };
}

export const LoadDiaCatalogsConfig = z.strictObject({
  margin: z
    .number()
    .nonnegative()
    .default(10)
    .meta({ unit: 'px', description: 'objects this far outside the image still take part in the association' }),
});

export const loadDiaCatalogs = defineTask({
  name: 'loadDiaCatalogs',
  version: '1',
  description: 'Cuts the snapshot of the Level 1 catalog to the field of the exposure.',
  dimensions: ['visit', 'detector'],
  config: LoadDiaCatalogsConfig,
  inputs: {
    snapshot: one('diaCatalogSnapshot', DiaCatalogStorage, { prerequisite: true }),
    science: one('calexp', ExposureStorage),
  },
  outputs: { catalogs: one('diaCatalogs', DiaCatalogStorage) },
  run({ snapshot, science }, { config, metric }) {
    const field = fieldOf(science);
    const { region } = snapshot;
    const offset = angularSeparationDeg(region.raDeg, region.decDeg, field.raDeg, field.decDeg);
    if (offset + field.radiusDeg > region.radiusDeg)
      throw new TaskFailure('unprocessable', 'SNAPSHOT_TOO_SMALL', 'the catalog snapshot does not cover the exposure', {
        region,
        field,
      });
    const onImage = insideImage(science, config.margin);
    const diaObjects = keepRows(snapshot.diaObjects, (row) => onImage(snapshot.diaObjects, row));
    const kept = new Set(diaObjects.data('diaObjectId', 'long'));
    const ofKept = (table: Table): Table =>
      keepRows(table, (row) => kept.has(table.value('diaObjectId', row) as bigint));
    metric('knownDiaObjects', diaObjects.rowCount);
    return {
      catalogs: {
        ...snapshot,
        diaObjects,
        diaSources: ofKept(snapshot.diaSources),
        diaForcedSources: ofKept(snapshot.diaForcedSources),
      },
    };
  },
});

/** Whether a row's position (ra, dec) falls on the image, a margin included. */
export function insideImage(exposure: Exposure, margin: number): (table: Table, row: number) => boolean {
  const { wcs, width, height } = exposure;
  return (table, row) => {
    const pixel = wcs!.skyToPixel(table.data('ra', 'double')[row]!, table.data('dec', 'double')[row]!);
    return (
      pixel.x > -0.5 - margin &&
      pixel.x < width - 0.5 + margin &&
      pixel.y > -0.5 - margin &&
      pixel.y < height - 0.5 + margin
    );
  };
}

export function keepRows(table: Table, keep: (row: number) => boolean): Table {
  const rows = Array.from({ length: table.rowCount }, (_, row) => row).filter(keep);
  return rows.length === table.rowCount ? table : table.take(rows);
}
