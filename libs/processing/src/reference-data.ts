// What is not an image but needed: a reference catalog (FITS table) and orbits of known Solar System objects (JSON).

import { readFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { importOrbits, type OrbitInput } from '#libs/catalog';
import { openFits } from '#libs/fits';
import { TableStorage } from '#libs/productions';
import type { Table } from '#libs/table';
import { REFERENCE_CATALOGS } from './collections.js';
import type { ProcessingEnvironment } from './environment.js';

export class ReferenceDataError extends Error {
  override readonly name = 'ReferenceDataError';
  constructor(
    readonly code: 'BAD_CATALOG' | 'CATALOG_EXISTS' | 'BAD_ORBITS',
    message: string,
  ) {
    super(message);
  }
}

export interface ImportedCatalog {
  readonly rows: number;
  readonly bands: readonly string[];
  /** the same rows were here already */
  readonly known: boolean;
}

/** Columns: ra, dec [deg, ICRS], mag_<band> [AB]; pmRa, pmDec [mas/yr], epoch [MJD TAI] and errors are used where present. */
export async function importReferenceCatalog(
  { store, registry }: Pick<ProcessingEnvironment, 'store' | 'registry'>,
  file: string,
): Promise<ImportedCatalog> {
  const table = await catalogTable(file);
  const bands = table.columns.flatMap(({ name }) => (name.startsWith('mag_') ? [name.slice(4)] : []));
  const bytes = await TableStorage.encode(table);
  const [existing] = await registry
    .datasets({ datasetType: 'refcat', query: {}, collections: [REFERENCE_CATALOGS] })
    .catch(
      // no collection of reference catalogs yet
      (error: { code?: unknown }) => {
        if (error.code === 'UNKNOWN_COLLECTION') return [];
        throw error;
      },
    );
  if (existing) {
    const same = Buffer.compare(await store.get(existing), bytes) === 0;
    if (!same)
      throw new ReferenceDataError(
        'CATALOG_EXISTS',
        'another reference catalog is in use here; processing must be repeatable, so it is not replaced',
      );
    return { rows: table.rowCount, bands, known: true };
  }
  const { name: storageClass, extension, mediaType } = TableStorage;
  await store.put(
    { datasetType: 'refcat', dataId: {}, run: REFERENCE_CATALOGS, storageClass, extension, mediaType },
    bytes,
  );
  return { rows: table.rowCount, bands, known: false };
}

async function catalogTable(path: string): Promise<Table> {
  const file = await openFits(path);
  try {
    for (const hdu of file.hdus) {
      if (!hdu.kind.endsWith('table')) continue;
      const table = await hdu.readTable();
      if (table.has('ra') && table.has('dec') && table.columns.some(({ name }) => name.startsWith('mag_')))
        return table;
    }
  } finally {
    await file.close();
  }
  throw new ReferenceDataError('BAD_CATALOG', `${path} has no table with the columns ra, dec and mag_<band>`);
}

const Orbits = z
  .array(
    z.looseObject({
      designation: z.string().min(1),
      e: z.number().min(0),
      i: z.number(),
      node: z.number(),
      argperi: z.number(),
    }),
  )
  .min(1);

/** A JSON list of rows named like the Minor Planet Center's table of orbits. Returns how many. */
export async function importOrbitFile(dataSource: DataSource, file: string): Promise<number> {
  let rows: unknown;
  try {
    rows = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ReferenceDataError('BAD_ORBITS', `${file} is not JSON: ${(error as Error).message}`);
  }
  const parsed = Orbits.safeParse(rows);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new ReferenceDataError('BAD_ORBITS', `${file}: ${issue.path.join('.')}: ${issue.message}`);
  }
  await importOrbits(dataSource, parsed.data as unknown as OrbitInput[]);
  return parsed.data.length;
}
