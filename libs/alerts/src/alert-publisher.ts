// From the outbox to the archive: packets are built from the rows as of their commit, written to a file, registered, and only then is the
// outbox told. A crash anywhere repeats the work; packets are the same bytes again and rows are unique per detection.

import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AlertOutbox, CatalogRepository, type OutboxAlert } from '#libs/catalog';
import { bulkInsert } from '#libs/database';
import { AlertError } from './alert-error.js';
import { buildAlert, encodeAlert } from './alert-packet.js';
import { ALERT_STORAGE, type AlertStorage } from './alert-storage.js';
import { type CutoutPixels, type CutoutWcs, encodeCutout } from './cutout.js';

/** The three cut-outs of a detection. */
export interface CutoutTriplet {
  readonly diaSourceId: bigint;
  readonly science: CutoutPixels;
  readonly template: CutoutPixels;
  readonly difference: CutoutPixels;
}

/** What the outbox says of an alert besides its identifiers. */
export interface OutboxPayload {
  /** run that holds the cut-outs of the visit and detector */
  readonly run?: string;
  readonly wcs?: CutoutWcs;
}

/** NOTIFY channel on which published alerts are announced (payload: the highest sequence). */
export const ALERT_CHANNEL = 'almagest_alert';

const FRAME_PREFIX = 4;
/** any constant would do */
const SEQUENCE_LOCK = 0x616c_7274;

@Injectable()
export class AlertPublisher {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(AlertOutbox) private readonly outbox: AlertOutbox,
    @Inject(CatalogRepository) private readonly catalog: CatalogRepository,
    @Inject(ALERT_STORAGE) private readonly storage: AlertStorage,
  ) {}

  /** Publishes what is pending, at most `limit` alerts. Returns how many. */
  async publishPending(limit = 2_000): Promise<number> {
    const claimed = await this.outbox.claim(limit);
    const groups = groupBy(claimed, (alert) => `${alert.visit}/${alert.detector}`);
    let published = 0;
    for (const alerts of groups.values()) {
      try {
        published += await this.#publish(alerts);
      } catch (error) {
        await this.outbox.release(alerts.map((alert) => alert.sequence));
        throw error;
      }
    }
    return published;
  }

  async #publish(alerts: readonly OutboxAlert[]): Promise<number> {
    const { visit, detector, sequence } = alerts[0]!;
    const cutouts = await this.#cutouts(alerts[0]!);
    const rows: unknown[][] = [];
    const parts: Buffer[] = [];
    const key = `alerts/${visit}/${detector}-${sequence}.alerts`;
    let offset = 0;
    for (const alert of alerts) {
      const diaSource = await this.catalog.diaSource(alert.diaSourceId);
      if (!diaSource)
        throw new AlertError(
          'NO_SUCH_ALERT',
          `the outbox names detection ${alert.diaSourceId}, which is not in the catalog`,
          alert.diaSourceId,
        );
      const frame = encodeAlert(await this.#build(alert, diaSource, cutouts.get(alert.diaSourceId)));
      const prefix = Buffer.allocUnsafe(FRAME_PREFIX);
      prefix.writeUInt32BE(frame.length);
      parts.push(prefix, frame);
      const { diaSourceId, diaObjectId, ssObjectId, midpointMjdTai, ra, dec, band, snr, reliability } = diaSource;
      rows.push([
        diaSourceId,
        visit,
        detector,
        diaObjectId,
        ssObjectId,
        midpointMjdTai,
        ra,
        dec,
        band,
        snr,
        reliability,
        key,
        offset + FRAME_PREFIX,
        frame.length,
      ]);
      offset += FRAME_PREFIX + frame.length;
    }
    await this.storage.put(key, Buffer.concat(parts));
    await this.dataSource.transaction(async (manager) => {
      // sequences must become visible in their order: a reader that continues after one must not miss a smaller one
      await manager.query('SELECT pg_advisory_xact_lock($1)', [SEQUENCE_LOCK]);
      await bulkInsert(manager, 'alert', ALERT_COLUMNS, rows, { suffix: 'ON CONFLICT DO NOTHING' });
      await manager.query(
        'UPDATE alert_outbox SET published_at = now(), claimed_until = NULL WHERE sequence = ANY($1::bigint[]) AND published_at IS NULL',
        [alerts.map((alert) => alert.sequence.toString())],
      );
      await manager.query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, visit.toString()]);
    });
    return rows.length;
  }

  async #build(
    alert: OutboxAlert,
    diaSource: NonNullable<Awaited<ReturnType<CatalogRepository['diaSource']>>>,
    cutout: CutoutTriplet | undefined,
  ) {
    const { diaObjectId, commitId } = alert;
    const diaObject = diaObjectId === null ? undefined : await this.catalog.diaObjectAsOf(diaObjectId, commitId);
    const history = diaObjectId === null ? [] : await this.catalog.diaSourcesOf(diaObjectId, commitId);
    const forced = diaObjectId === null ? [] : await this.catalog.diaForcedSourcesOf(diaObjectId, commitId);
    const ssSource = alert.ssObjectId === null ? undefined : await this.catalog.ssSource(alert.diaSourceId);
    const orbit = ssSource?.designation ? await this.catalog.orbit(ssSource.designation) : undefined;
    const { wcs } = (alert.payload ?? {}) as OutboxPayload;
    return buildAlert({
      diaSource,
      previousDiaSources: history.filter((row) => row.diaSourceId !== alert.diaSourceId),
      previousForcedSources: forced,
      ...(diaObject && { diaObject }),
      ...(ssSource && { ssSource }),
      ...(orbit && { mpcOrbit: orbit }),
      ...(cutout && {
        cutouts: {
          difference: encodeCutout(cutout.difference, wcs),
          science: encodeCutout(cutout.science, wcs),
          template: encodeCutout(cutout.template, wcs),
        },
      }),
    });
  }

  async #cutouts(alert: OutboxAlert): Promise<Map<bigint, CutoutTriplet>> {
    const { run } = (alert.payload ?? {}) as OutboxPayload;
    if (run === undefined) return new Map();
    const triplets = await this.storage.cutouts(run, alert.visit, alert.detector);
    return new Map(triplets.map((triplet) => [triplet.diaSourceId, triplet]));
  }
}

const ALERT_COLUMNS = [
  { name: 'diaSourceId', type: 'bigint' },
  { name: 'visit', type: 'bigint' },
  { name: 'detector', type: 'smallint' },
  { name: 'diaObjectId', type: 'bigint' },
  { name: 'ssObjectId', type: 'bigint' },
  { name: 'midpointMjdTai', type: 'double precision' },
  { name: 'ra', type: 'double precision' },
  { name: 'dec', type: 'double precision' },
  { name: 'band', type: 'text' },
  { name: 'snr', type: 'real' },
  { name: 'reliability', type: 'real' },
  { name: 'archive_key', type: 'text' },
  { name: 'archive_offset', type: 'bigint' },
  { name: 'archive_length', type: 'integer' },
];

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
