// The Registry port on PostgreSQL. Coordinates come from observed visits, the camera and the sky map as real tables with real keys;
// there is no general algebra of dimensions, only the joins that exist.

import {
  type DataId,
  type DataIdValue,
  type DataQuery,
  type DatasetRef,
  type Dimension,
  type PrerequisiteRequest,
  type Registry,
  projectDataId,
} from '#libs/pipeline';
import { flattenCollections } from './collections.js';
import { type SqlClient, rowsOf } from './sql.js';

/** Where each dimension is read from, given the tables a join needs. */
const COLUMNS: Readonly<Partial<Record<Dimension, readonly string[]>>> = {
  instrument: ['v.instrument', 'i.instrument'],
  visit: ['v.visit'],
  band: ['v.band'],
  day: ['v.day'],
  detector: ['d.detector', 'i.detector'],
  snap: ['s.snap'],
  tract: ['o.tract', 'p.tract'],
  patch: ['o.patch', 'p.patch'],
  healpix: ['h.healpix'],
};

interface Join {
  readonly from: string;
  readonly aliases: ReadonlySet<string>;
}

/** The smallest join that links all the dimensions asked. */
function joinFor(asked: ReadonlySet<Dimension>): Join | undefined {
  const has = (...dimensions: readonly Dimension[]): boolean => dimensions.some((dimension) => asked.has(dimension));
  const observed =
    has('visit', 'band', 'day', 'snap') || (has('detector', 'instrument') && has('tract', 'patch', 'healpix'));
  if (!observed) {
    if (has('tract', 'patch')) return { from: 'sky_patch p', aliases: new Set(['p']) };
    if (has('instrument', 'detector')) return { from: 'instrument_detector i', aliases: new Set(['i']) };
    return undefined;
  }
  const tables = ['observed_visit v'];
  const aliases = new Set(['v']);
  if (has('detector', 'tract', 'patch', 'healpix')) {
    tables.push('JOIN observed_detector d USING (instrument, visit)');
    aliases.add('d');
  }
  if (has('snap')) {
    const detector = aliases.has('d') ? ' AND s.detector = d.detector' : '';
    tables.push(
      `JOIN (SELECT DISTINCT instrument, visit, snap, detector FROM raw_frame) s ON s.instrument = v.instrument AND s.visit = v.visit${detector}`,
    );
    aliases.add('s');
  }
  if (has('tract', 'patch')) {
    tables.push(
      'JOIN detector_patch o ON o.instrument = v.instrument AND o.visit = v.visit AND o.detector = d.detector',
    );
    aliases.add('o');
  }
  if (has('healpix')) {
    tables.push(
      'JOIN detector_healpix h ON h.instrument = v.instrument AND h.visit = v.visit AND h.detector = d.detector',
    );
    aliases.add('h');
  }
  return { from: tables.join(' '), aliases };
}

const valuesOf = (wanted: DataIdValue | readonly DataIdValue[]): readonly string[] =>
  (Array.isArray(wanted) ? (wanted as readonly DataIdValue[]) : [wanted as DataIdValue]).map(String);

/** visit and healpix are 64-bit: strings. */
const fromDatabase = (dimension: Dimension, value: unknown): DataIdValue =>
  dimension === 'visit' || dimension === 'healpix' || typeof value === 'bigint'
    ? String(value)
    : (value as DataIdValue);

interface DatasetRow {
  readonly dataset_id: string;
  readonly dataset_type: string;
  readonly data_id: DataId;
  readonly data_id_key: string;
  readonly run: string;
}
const refOf = (row: DatasetRow): DatasetRef => ({
  id: row.dataset_id,
  datasetType: row.dataset_type,
  dataId: row.data_id,
  run: row.run,
});

export class DatabaseRegistry implements Registry {
  constructor(private readonly client: SqlClient) {}

  async dataIds(dimensions: readonly Dimension[], query: DataQuery): Promise<readonly DataId[]> {
    if (dimensions.length === 0) return [{}];
    const asked = new Set<Dimension>([...dimensions, ...(Object.keys(query) as Dimension[])]);
    const join = joinFor(asked);
    const columnOf = (dimension: Dimension): string | undefined =>
      COLUMNS[dimension]?.find((column) => join?.aliases.has(column.slice(0, column.indexOf('.'))) === true);
    const selected = dimensions.filter((dimension) => columnOf(dimension) !== undefined);
    const free = dimensions.filter((dimension) => columnOf(dimension) === undefined);
    let rows: readonly DataId[] = [{}];
    if (join !== undefined && selected.length > 0) {
      const parameters: unknown[] = [];
      const conditions = (Object.keys(query) as Dimension[]).flatMap((dimension) => {
        const column = columnOf(dimension);
        if (column === undefined) return [];
        parameters.push(valuesOf(query[dimension]!));
        return [`${column}::text = ANY ($${parameters.length}::text[])`];
      });
      const list = selected.map((dimension) => `${columnOf(dimension)} AS "${dimension}"`).join(', ');
      const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
      const order = selected.map((_, i) => i + 1).join(', ');
      const found = rowsOf<Record<string, unknown>>(
        await this.client.query(`SELECT DISTINCT ${list} FROM ${join.from} ${where} ORDER BY ${order}`, parameters),
      );
      rows = found.map((row) =>
        Object.fromEntries(selected.map((dimension) => [dimension, fromDatabase(dimension, row[dimension])])),
      );
    }
    // a dimension no table knows exists as far as the query names it
    for (const dimension of free) {
      const wanted = query[dimension];
      const values =
        wanted === undefined
          ? []
          : Array.isArray(wanted)
            ? (wanted as readonly DataIdValue[])
            : [wanted as DataIdValue];
      rows = rows.flatMap((row) => values.map((value) => ({ ...row, [dimension]: value })));
    }
    return rows.map((row) => projectDataId(row, dimensions));
  }

  async datasets({
    datasetType,
    query,
    collections,
  }: Parameters<Registry['datasets']>[0]): Promise<readonly DatasetRef[]> {
    const flat = await flattenCollections(this.client, collections);
    const parameters: unknown[] = [datasetType, flat.map(({ name }) => name)];
    const conditions = (Object.keys(query) as Dimension[]).map((dimension) => {
      parameters.push(dimension, valuesOf(query[dimension]!));
      const at = `data_id ->> $${parameters.length - 1}`;
      return `(${at} IS NULL OR ${at} = ANY ($${parameters.length}::text[]))`;
    });
    const rows = rowsOf<DatasetRow>(
      await this.client.query(
        `SELECT DISTINCT ON (data_id_key) dataset_id, dataset_type, data_id, data_id_key, run FROM (
           SELECT d.*, array_position($2::text[], d.run) AS rank FROM dataset d WHERE d.dataset_type = $1 AND d.run = ANY ($2::text[])
           UNION ALL
           SELECT d.*, array_position($2::text[], t.collection) FROM tagged_dataset t JOIN dataset d USING (dataset_id)
           WHERE d.dataset_type = $1 AND t.collection = ANY ($2::text[])
         ) found ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
         ORDER BY data_id_key, rank, created_at DESC`,
        parameters,
      ),
    );
    return rows.map(refOf);
  }

  /** Calibrations by the middle of the visit; other datasets by the coordinates they share and the region they overlap. */
  async prerequisites({
    datasetType,
    dimensions,
    dataId,
    collections,
  }: PrerequisiteRequest): Promise<readonly DatasetRef[]> {
    const calibrations = await this.#calibrations(datasetType, dataId, collections);
    if (calibrations.length > 0) return calibrations;
    const shared = dimensions.filter((dimension) => dataId[dimension] !== undefined);
    const query: Partial<Record<Dimension, DataIdValue | readonly DataIdValue[]>> = {
      ...projectDataId(dataId, shared),
    };
    const spatial = dimensions.filter(
      (dimension) => ['tract', 'patch', 'healpix'].includes(dimension) && dataId[dimension] === undefined,
    );
    if (spatial.length === 0) return this.datasets({ datasetType, query, collections });
    const places = await this.dataIds(
      spatial,
      projectDataId(dataId, ['instrument', 'visit', 'detector', 'tract', 'patch']),
    );
    for (const dimension of spatial) query[dimension] = [...new Set(places.map((place) => place[dimension]!))];
    const wanted = new Set(places.map((place) => spatial.map((dimension) => String(place[dimension])).join()));
    const found = await this.datasets({ datasetType, query, collections });
    return found.filter((ref) => wanted.has(spatial.map((dimension) => String(ref.dataId[dimension])).join()));
  }

  /** What a visit says of itself: a flat must be of its band. */
  async #ofVisit({ visit, instrument }: DataId): Promise<Readonly<Record<string, string>>> {
    if (visit === undefined) return {};
    const rows = rowsOf<{ instrument: string; band: string }>(
      await this.client.query(
        'SELECT instrument, band FROM observed_visit WHERE visit = $1::bigint AND ($2::text IS NULL OR instrument = $2)',
        [String(visit), instrument ?? null],
      ),
    );
    return rows.length === 1 ? { ...rows[0]! } : {};
  }

  async #calibrations(
    datasetType: string,
    dataId: DataId,
    collections: readonly string[],
  ): Promise<readonly DatasetRef[]> {
    const names = (await flattenCollections(this.client, collections))
      .filter(({ kind }) => kind === 'calibration')
      .map(({ name }) => name);
    if (names.length === 0) return [];
    const coordinates = {
      ...(await this.#ofVisit(dataId)),
      ...Object.fromEntries(Object.entries(dataId).map(([dimension, value]) => [dimension, String(value)])),
    };
    const rows = rowsOf<DatasetRow>(
      await this.client.query(
        `WITH moment AS (
           SELECT begin_ns + (end_ns - begin_ns) / 2 AS ns FROM observed_visit WHERE visit = $3::bigint AND ($5::text IS NULL OR instrument = $5) LIMIT 1
         )
         SELECT DISTINCT ON (d.data_id_key) d.dataset_id, d.dataset_type, d.data_id, d.data_id_key, d.run
         FROM calibration_dataset c JOIN dataset d USING (dataset_id)
         WHERE c.dataset_type = $1 AND c.collection = ANY ($2::text[])
           AND (CASE WHEN EXISTS (SELECT 1 FROM moment)
                THEN int8range(c.valid_from_ns, c.valid_until_ns) @> (SELECT ns FROM moment)
                ELSE c.valid_from_ns IS NULL AND c.valid_until_ns IS NULL END)
           AND NOT EXISTS (SELECT 1 FROM jsonb_each_text(d.data_id) e WHERE $4::jsonb ? e.key AND $4::jsonb ->> e.key <> e.value)
         ORDER BY d.data_id_key, array_position($2::text[], c.collection)`,
        [
          datasetType,
          names,
          dataId.visit === undefined ? null : String(dataId.visit),
          JSON.stringify(coordinates),
          dataId.instrument ?? null,
        ],
      ),
    );
    return rows.map(refOf);
  }
}
