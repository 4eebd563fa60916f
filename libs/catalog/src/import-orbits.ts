import type { DataSource } from 'typeorm';
import { bulkInsert, withTransaction } from '#libs/database';
import { columnOf, MpcOrbits, type RowOf, sqlType, SSObject, ssObjectIdOf, type TableDescription } from '#libs/schema';

type Orbit = RowOf<typeof MpcOrbits>;
/** What must be known of an orbit; angles in degrees, distances in au, epoch MJD TT. */
export type OrbitInput = Partial<Omit<Orbit, 'id'>> & Pick<Orbit, 'designation'>;

/**
 * Takes orbits into `mpc_orbits`, replacing those of the same designation, and makes an SSObject for each. `q` and `a`
 * complete each other through the eccentricity. Returns the identifiers by designation.
 */
export async function importOrbits(
  dataSource: DataSource,
  orbits: readonly OrbitInput[],
): Promise<Map<string, bigint>> {
  const ids = new Map(orbits.map(({ designation }) => [designation, ssObjectIdOf(designation)]));
  const rows = [...new Map(orbits.map((orbit) => [orbit.designation, complete(orbit)])).values()].sort((a, b) =>
    a.designation < b.designation ? -1 : 1,
  );
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].sort();
  await withTransaction(dataSource, async (manager) => {
    const [highest] = await manager.query<{ id: number | null }[]>('SELECT max("id") AS id FROM "mpc_orbits"');
    let next = highest?.id ?? 0;
    const update = names.filter((name) => name !== 'designation').map((name) => `"${name}" = EXCLUDED."${name}"`);
    await bulkInsert(
      manager,
      MpcOrbits.name,
      [{ name: 'id', type: 'integer' }, ...names.map((name) => ({ name, type: elementType(MpcOrbits, name) }))],
      rows.map((row) => [++next, ...names.map((name) => (row as Record<string, unknown>)[name] ?? null)]),
      { suffix: `ON CONFLICT ("designation") DO UPDATE SET ${update.join(', ')}` },
    );
    const counts = SSObject.columns.filter((column) => !column.nullable && /_nObs|^nObs|^arc$/.test(column.name));
    await bulkInsert(
      manager,
      SSObject.name,
      [
        { name: 'ssObjectId', type: 'bigint' },
        { name: 'designation', type: 'text' },
        ...counts.map(({ name }) => ({ name, type: elementType(SSObject, name) })),
      ],
      rows.map((row) => [ids.get(row.designation), row.designation, ...counts.map(() => 0)]),
      { suffix: 'ON CONFLICT ("ssObjectId") DO NOTHING' },
    );
  });
  return ids;
}

function complete(orbit: OrbitInput): OrbitInput {
  const { a, e, designation } = orbit;
  const q = orbit.q ?? (a != null && e != null ? a * (1 - e) : null);
  return {
    packed_primary_provisional_designation: designation,
    unpacked_primary_provisional_designation: designation,
    ...orbit,
    q,
    a: a ?? (q != null && e != null && e < 1 ? q / (1 - e) : null),
  };
}

const elementType = (table: TableDescription, name: string): string => {
  const type = sqlType(columnOf(table, name));
  return type.startsWith('character varying') ? 'text' : type;
};
