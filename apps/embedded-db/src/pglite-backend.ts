import { mkdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { postgis } from '@electric-sql/pglite-postgis';
import type { Backend } from './gateway.js';

/** Opens (or creates) a PGlite cluster with PostGIS available. The first opening of a folder takes seconds: it runs initdb. */
export async function openPglite(dataDir: string): Promise<Backend> {
  await mkdir(dataDir, { recursive: true });
  const database = await PGlite.create({ dataDir, extensions: { postgis } });
  return {
    execute: (bytes, sink) =>
      database.runExclusive(() =>
        // The chunk is a view of the engine's memory, which the next message overwrites.
        database.execProtocolRawStream(bytes, { onRawData: (chunk) => sink(Buffer.from(chunk)) }),
      ),
    async settings(names) {
      const { rows } = await database.query<{ name: string; value: string }>(
        'SELECT n AS name, current_setting(n) AS value FROM unnest($1::text[]) AS n',
        [names],
      );
      return new Map(rows.map(({ name, value }) => [name, value]));
    },
    close: () => database.close(),
  };
}
