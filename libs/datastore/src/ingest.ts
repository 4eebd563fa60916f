// A frame is acknowledged when its bytes have outlived fsync and rename and its row is committed, and never before.
// The same bytes again are the same frame; other bytes for a place that is taken are refused.

import { createHash } from 'node:crypto';
import { DatastoreError } from './datastore-error.js';
import { type ObjectStorage, checkedKey } from './object-storage.js';
import { type SqlClient, rowsOf } from './sql.js';

export interface FrameFacts {
  readonly instrument: string;
  readonly visit: bigint;
  readonly snap: number;
  readonly detector: number;
  readonly stage: 'raw' | 'calibrated';
  /** science, bias, dark, flat ... */
  readonly purpose: string;
  readonly band: string;
  readonly physicalFilter: string;
  /** night of the observation, yyyymmdd */
  readonly day: number;
  /** TAI nanoseconds since 1970-01-01T00:00:00 TAI */
  readonly beginNs: bigint;
  readonly endNs: bigint;
  readonly exposureTime?: number;
  readonly raDeg?: number;
  readonly decDeg?: number;
  readonly rotatorDeg?: number;
  /** frames the visit will have, when known */
  readonly expectedSnaps?: number;
  readonly expectedDetectors?: readonly number[];
  /** JSON-able facts of the header worth asking for */
  readonly header?: Readonly<Record<string, unknown>>;
}

export interface AcknowledgedFrame {
  readonly rawFrameId: bigint;
  readonly storageKey: string;
  readonly checksum: string;
  /** these bytes were known already */
  readonly duplicate: boolean;
  /** every expected snap and detector of the visit is here */
  readonly visitComplete: boolean;
}

interface FrameRow {
  readonly raw_frame_id: bigint | string;
  readonly storage_key: string;
  readonly checksum: string;
}

/** TypeORM's DataSource fits: work in one transaction. */
export interface TransactionSource extends SqlClient {
  transaction<T>(work: (client: SqlClient) => Promise<T>): Promise<T>;
}

const acknowledged = (row: FrameRow, duplicate: boolean, visitComplete: boolean): AcknowledgedFrame => ({
  rawFrameId: BigInt(row.raw_frame_id),
  storageKey: row.storage_key,
  checksum: row.checksum,
  duplicate,
  visitComplete,
});

/** Stores, registers and only then returns. May be repeated after any failure. */
export async function ingestRawFrame(
  database: TransactionSource,
  storage: ObjectStorage,
  bytes: Uint8Array,
  facts: FrameFacts,
): Promise<AcknowledgedFrame> {
  const checksum = createHash('sha256').update(bytes).digest('hex');
  const known = await frameByChecksum(database, checksum);
  if (known !== undefined && (await storage.exists(known.storage_key)))
    return acknowledged(known, true, await isComplete(database, facts));
  const key = known?.storage_key ?? frameKey(facts, checksum);
  await storage.put(key, bytes);
  return database.transaction(async (client) => {
    await client.query('INSERT INTO instrument (name) VALUES ($1) ON CONFLICT (name) DO NOTHING', [facts.instrument]);
    await registerVisit(client, facts);
    const place = [facts.instrument, facts.visit.toString(), facts.snap, facts.detector, facts.stage];
    const [row] = rowsOf<FrameRow>(
      await client.query(
        `INSERT INTO raw_frame (instrument, visit, snap, detector, stage, purpose, storage_key, size, checksum, header)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING raw_frame_id, storage_key, checksum`,
        [...place, facts.purpose, key, bytes.byteLength, checksum, JSON.stringify(facts.header ?? {})],
      ),
    );
    const kept = row ?? (await frameByChecksum(client, checksum));
    if (kept === undefined)
      throw new DatastoreError(
        'CONFLICTING_FRAME',
        `another frame is registered for ${facts.instrument} visit ${facts.visit} snap ${facts.snap} detector ${facts.detector}`,
        { place, checksum },
      );
    return acknowledged(kept, row === undefined, await isComplete(client, facts));
  });
}

/** The checksum is part of the name: bytes of a refused frame never lie where an accepted one lies. */
const frameKey = ({ instrument, day, visit, snap, detector, stage }: FrameFacts, checksum: string): string =>
  checkedKey(`${stage}/${instrument}/${day}/${visit}/${detector}-${snap}-${checksum.slice(0, 12)}.fits`);

async function frameByChecksum(client: SqlClient, checksum: string): Promise<FrameRow | undefined> {
  return rowsOf<FrameRow>(
    await client.query('SELECT raw_frame_id, storage_key, checksum FROM raw_frame WHERE checksum = $1', [checksum]),
  )[0];
}

async function registerVisit(client: SqlClient, facts: FrameFacts): Promise<void> {
  await client.query(
    `INSERT INTO observed_visit AS v (instrument, visit, band, physical_filter, day, begin_ns, end_ns, exposure_time, ra_deg, dec_deg, rotator_deg, purpose, snaps, detectors)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (instrument, visit) DO UPDATE SET begin_ns = least(v.begin_ns, excluded.begin_ns), end_ns = greatest(v.end_ns, excluded.end_ns),
       snaps = greatest(v.snaps, excluded.snaps),
       detectors = CASE WHEN cardinality(excluded.detectors) > 0 THEN excluded.detectors ELSE v.detectors END,
       status = CASE WHEN v.status = 'announced' THEN 'observed' ELSE v.status END`,
    [
      facts.instrument,
      facts.visit.toString(),
      facts.band,
      facts.physicalFilter,
      facts.day,
      facts.beginNs.toString(),
      facts.endNs.toString(),
      facts.exposureTime ?? null,
      facts.raDeg ?? null,
      facts.decDeg ?? null,
      facts.rotatorDeg ?? null,
      facts.purpose,
      facts.expectedSnaps ?? 1,
      [...(facts.expectedDetectors ?? [])],
    ],
  );
  const place = [facts.instrument, facts.detector];
  await client.query(
    'INSERT INTO instrument_detector (instrument, detector) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    place,
  );
  await client.query(
    'INSERT INTO observed_detector (instrument, visit, detector) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [facts.instrument, facts.visit.toString(), facts.detector],
  );
}

async function isComplete(client: SqlClient, { instrument, visit, stage }: FrameFacts): Promise<boolean> {
  const [row] = rowsOf<{ complete: boolean }>(
    await client.query(
      `SELECT cardinality(v.detectors) > 0 AND NOT EXISTS (
         SELECT 1 FROM unnest(v.detectors) AS expected (detector) CROSS JOIN generate_series(0, CASE WHEN $3 = 'raw' THEN v.snaps - 1 ELSE 0 END) AS wanted (snap)
         WHERE NOT EXISTS (SELECT 1 FROM raw_frame f WHERE f.instrument = v.instrument AND f.visit = v.visit AND f.stage = $3
           AND f.detector = expected.detector AND f.snap = wanted.snap)
       ) AS complete FROM observed_visit v WHERE v.instrument = $1 AND v.visit = $2`,
      [instrument, visit.toString(), stage],
    ),
  );
  return row?.complete ?? false;
}

export interface RegisteredFrame {
  readonly rawFrameId: bigint;
  readonly visit: bigint;
  readonly snap: number;
  readonly detector: number;
  readonly storageKey: string;
  readonly header: Readonly<Record<string, unknown>>;
}

/** The acknowledged frames of a visit, by detector and snap. */
export async function framesOfVisit(
  client: SqlClient,
  instrument: string,
  visit: bigint,
  stage: 'raw' | 'calibrated' = 'raw',
): Promise<readonly RegisteredFrame[]> {
  const rows = rowsOf<{
    raw_frame_id: bigint | string;
    visit: bigint | string;
    snap: number;
    detector: number;
    storage_key: string;
    header: Record<string, unknown>;
  }>(
    await client.query(
      'SELECT * FROM raw_frame WHERE instrument = $1 AND visit = $2 AND stage = $3 ORDER BY detector, snap',
      [instrument, visit.toString(), stage],
    ),
  );
  return rows.map((row) => ({
    rawFrameId: BigInt(row.raw_frame_id),
    visit: BigInt(row.visit),
    snap: row.snap,
    detector: row.detector,
    storageKey: row.storage_key,
    header: row.header,
  }));
}

/** Which sky patches and HEALPix cells each detector of a visit covers: what spatial joins go by. Replaces earlier rows. */
export async function registerCoverage(
  client: SqlClient,
  coverage: {
    readonly instrument: string;
    readonly visit: bigint;
    readonly detector: number;
    readonly patches: readonly { readonly tract: number; readonly patch: number }[];
    readonly healpix?: readonly bigint[];
  },
): Promise<void> {
  const place = [coverage.instrument, coverage.visit.toString(), coverage.detector];
  const tracts = coverage.patches.map(({ tract }) => tract);
  const patches = coverage.patches.map(({ patch }) => patch);
  await client.query(
    'INSERT INTO sky_patch (tract, patch) SELECT DISTINCT * FROM unnest($1::int[], $2::int[]) ON CONFLICT DO NOTHING',
    [tracts, patches],
  );
  await client.query('DELETE FROM detector_patch WHERE instrument = $1 AND visit = $2 AND detector = $3', place);
  await client.query(
    'INSERT INTO detector_patch (instrument, visit, detector, tract, patch) SELECT DISTINCT $1, $2::bigint, $3::int, t, p FROM unnest($4::int[], $5::int[]) AS given (t, p)',
    [...place, tracts, patches],
  );
  await client.query('DELETE FROM detector_healpix WHERE instrument = $1 AND visit = $2 AND detector = $3', place);
  await client.query(
    'INSERT INTO detector_healpix (instrument, visit, detector, healpix) SELECT DISTINCT $1, $2::bigint, $3::int, h FROM unnest($4::bigint[]) AS given (h)',
    [...place, (coverage.healpix ?? []).map(String)],
  );
}
