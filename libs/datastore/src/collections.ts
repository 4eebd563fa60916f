// Collections name sets of datasets: a run holds what one execution made, a tagged one what somebody chose, a chained one searches
// others in order, a calibration one says when each dataset holds.

import type { DatasetRef } from '#libs/pipeline';
import { dataIdKey } from '#libs/pipeline';
import { DatastoreError } from './datastore-error.js';
import { type SqlClient, rowsOf } from './sql.js';

export type CollectionKind = 'run' | 'tagged' | 'chained' | 'calibration';

/** A half-open interval in integer TAI nanoseconds; an end left out is unbounded. */
export interface Validity {
  readonly fromNs?: bigint;
  readonly untilNs?: bigint;
}

export interface RunFacts {
  readonly owner?: string;
  readonly softwareVersion?: string;
  readonly pipeline?: unknown;
  readonly description?: string;
}

/** Makes the collection unless it is there; another kind under the same name is refused. */
export async function makeCollection(
  client: SqlClient,
  name: string,
  kind: CollectionKind,
  description = '',
): Promise<void> {
  await client.query(
    'INSERT INTO collection (name, kind, description) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING',
    [name, kind, description],
  );
  await requireKind(client, name, kind);
}

export async function makeRun(client: SqlClient, name: string, facts: RunFacts = {}): Promise<void> {
  await makeCollection(client, name, 'run', facts.description);
  await client.query(
    'INSERT INTO run (name, owner, software_version, pipeline) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING',
    [
      name,
      facts.owner ?? null,
      facts.softwareVersion ?? '',
      facts.pipeline === undefined ? null : JSON.stringify(facts.pipeline),
    ],
  );
}

async function requireKind(client: SqlClient, name: string, kind: CollectionKind): Promise<void> {
  const [row] = rowsOf<{ kind: CollectionKind }>(
    await client.query('SELECT kind FROM collection WHERE name = $1', [name]),
  );
  if (row === undefined) throw new DatastoreError('UNKNOWN_COLLECTION', `there is no collection '${name}'`, name);
  if (row.kind !== kind)
    throw new DatastoreError('COLLECTION_KIND', `'${name}' is a ${row.kind} collection, not a ${kind} one`, name);
}

/** Sets what a chained collection searches, first wins. Refuses a chain that would contain itself. */
export async function setChain(client: SqlClient, name: string, children: readonly string[]): Promise<void> {
  await requireKind(client, name, 'chained');
  const below = await flattenCollections(client, children);
  const chained = rowsOf<{ hit: boolean }>(
    await client.query(
      `WITH RECURSIVE below (name) AS (
         SELECT unnest($1::text[]) UNION SELECT child FROM collection_child JOIN below ON parent = below.name
       ) SELECT true AS hit FROM below WHERE name = $2`,
      [[...children], name],
    ),
  );
  if (chained.length > 0)
    throw new DatastoreError('COLLECTION_CYCLE', `'${name}' would contain itself`, [name, ...children]);
  if (below.length === 0 && children.length > 0)
    throw new DatastoreError('UNKNOWN_COLLECTION', `none of ${children.join(', ')} exists`, children);
  await client.query(
    `WITH gone AS (DELETE FROM collection_child WHERE parent = $1 AND NOT child = ANY ($2::text[]))
     INSERT INTO collection_child (parent, position, child)
     SELECT $1, ordinal::int, child FROM unnest($2::text[]) WITH ORDINALITY AS given (child, ordinal)
     ON CONFLICT (parent, child) DO UPDATE SET position = excluded.position`,
    [name, [...children]],
  );
}

export async function tagDatasets(client: SqlClient, name: string, ids: readonly string[]): Promise<void> {
  await requireKind(client, name, 'tagged');
  await client.query(
    'INSERT INTO tagged_dataset (collection, dataset_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING',
    [name, [...ids]],
  );
}

/** Says when a dataset holds. Refused where another one of its type and coordinates holds already. Call it inside a transaction. */
export async function certify(
  client: SqlClient,
  name: string,
  ref: DatasetRef,
  validity: Validity = {},
): Promise<void> {
  await requireKind(client, name, 'calibration');
  const { fromNs = null, untilNs = null } = validity;
  if (fromNs !== null && untilNs !== null && fromNs >= untilNs)
    throw new DatastoreError('INVALID_INTERVAL', `[${fromNs}, ${untilNs}) holds at no time`, validity);
  await client.query('SELECT 1 FROM collection WHERE name = $1 FOR UPDATE', [name]);
  const key = dataIdKey(ref.dataId);
  const inserted = rowsOf(
    await client.query(
      `INSERT INTO calibration_dataset (collection, dataset_id, dataset_type, data_id_key, valid_from_ns, valid_until_ns)
       SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (
         SELECT 1 FROM calibration_dataset c WHERE c.collection = $1 AND c.dataset_type = $3 AND c.data_id_key = $4
           AND int8range(c.valid_from_ns, c.valid_until_ns) && int8range($5, $6)
           AND NOT (c.dataset_id = $2 AND c.valid_from_ns IS NOT DISTINCT FROM $5 AND c.valid_until_ns IS NOT DISTINCT FROM $6))
       RETURNING dataset_id`,
      [name, ref.id, ref.datasetType, key, fromNs?.toString() ?? null, untilNs?.toString() ?? null],
    ),
  );
  if (inserted.length === 0)
    throw new DatastoreError(
      'OVERLAPPING_VALIDITY',
      `another '${ref.datasetType}' (${key}) holds within [${fromNs ?? '-'}, ${untilNs ?? '-'}) in '${name}'`,
      ref.id,
    );
}

/** The runs, tagged and calibration collections behind names, in search order, each once. Unknown names are left out. */
export async function flattenCollections(
  client: SqlClient,
  names: readonly string[],
): Promise<readonly { readonly name: string; readonly kind: CollectionKind }[]> {
  if (names.length === 0) return [];
  const rows = rowsOf<{ name: string; kind: CollectionKind }>(
    await client.query(
      `WITH RECURSIVE tree (name, path) AS (
         SELECT given.name, ARRAY[given.ordinal::int] FROM unnest($1::text[]) WITH ORDINALITY AS given (name, ordinal)
         UNION ALL
         SELECT member.child, tree.path || member.position
         FROM collection_child member JOIN tree ON member.parent = tree.name WHERE cardinality(tree.path) < 20
       )
       SELECT c.name, c.kind FROM tree JOIN collection c ON c.name = tree.name WHERE c.kind <> 'chained' ORDER BY tree.path`,
      [[...names]],
    ),
  );
  return [...new Map(rows.map((row) => [row.name, row])).values()];
}
