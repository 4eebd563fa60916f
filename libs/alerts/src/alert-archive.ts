import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SkyCircle } from '#libs/schema';
import { AlertError } from './alert-error.js';
import { decodeAlert } from './alert-packet.js';
import { ALERT_STORAGE, type AlertStorage } from './alert-storage.js';

/** An alert without its packet. */
export interface AlertSummary {
  readonly sequence: bigint;
  readonly diaSourceId: bigint;
  readonly visit: bigint;
  readonly detector: number;
  readonly diaObjectId: bigint | null;
  readonly ssObjectId: bigint | null;
  readonly midpointMjdTai: number;
  readonly ra: number;
  readonly dec: number;
  readonly band: string | null;
  readonly snr: number | null;
  readonly reliability: number | null;
  readonly publishedAt: Date;
}

export interface AlertSearch {
  /** sequence after which to begin: a growing number, so a reader that was away continues where it stopped */
  readonly after?: bigint;
  /** sequence before which to end */
  readonly before?: bigint;
  /** begin with the newest; pages go on with `before` */
  readonly newestFirst?: boolean;
  readonly limit?: number;
  readonly visit?: bigint;
  readonly diaObjectId?: bigint;
  readonly region?: SkyCircle;
  readonly beginMjdTai?: number;
  readonly endMjdTai?: number;
  readonly minReliability?: number;
}

const COLUMNS = `a.sequence, a."diaSourceId", a.visit, a.detector, a."diaObjectId", a."ssObjectId", a."midpointMjdTai", a.ra, a.dec, a.band, a.snr,
  a.reliability, a.published_at AS "publishedAt"`;
const METRES_PER_DEGREE = (6371008.7714 * Math.PI) / 180;
const MAX_PAGE = 1_000;

/** Published alerts: searched by sequence, visit, object, sky and time; packets by identifier. */
@Injectable()
export class AlertArchive {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(ALERT_STORAGE) private readonly storage: AlertStorage,
  ) {}

  async search(search: AlertSearch = {}): Promise<AlertSummary[]> {
    const parameters: unknown[] = [(search.after ?? 0n).toString()];
    const conditions = ['a.sequence > $1'];
    const add = (condition: (place: string) => string, value: unknown): void => {
      parameters.push(value);
      conditions.push(condition(`$${parameters.length}`));
    };
    if (search.before !== undefined) add((p) => `a.sequence < ${p}`, search.before.toString());
    if (search.visit !== undefined) add((p) => `a.visit = ${p}`, search.visit.toString());
    if (search.diaObjectId !== undefined) add((p) => `a."diaObjectId" = ${p}`, search.diaObjectId.toString());
    if (search.beginMjdTai !== undefined) add((p) => `a."midpointMjdTai" >= ${p}`, search.beginMjdTai);
    if (search.endMjdTai !== undefined) add((p) => `a."midpointMjdTai" < ${p}`, search.endMjdTai);
    if (search.minReliability !== undefined) add((p) => `a.reliability >= ${p}`, search.minReliability);
    let join = '';
    if (search.region) {
      const { raDeg, decDeg, radiusDeg } = search.region;
      join = 'JOIN "DiaSource" s ON s."diaSourceId" = a."diaSourceId"';
      parameters.push(raDeg > 180 ? raDeg - 360 : raDeg, decDeg, radiusDeg * METRES_PER_DEGREE);
      const n = parameters.length;
      conditions.push(
        `ST_DWithin(s."geog", ST_SetSRID(ST_MakePoint($${n - 2}, $${n - 1}), 4326)::geography, $${n}, false)`,
      );
    }
    parameters.push(Math.min(search.limit ?? 100, MAX_PAGE));
    return this.dataSource.query(
      `SELECT ${COLUMNS} FROM alert a ${join} WHERE ${conditions.join(' AND ')} ORDER BY a.sequence ${search.newestFirst ? 'DESC' : 'ASC'} LIMIT $${parameters.length}`,
      parameters,
    );
  }

  async find(diaSourceId: bigint): Promise<AlertSummary> {
    const rows: AlertSummary[] = await this.dataSource.query(
      `SELECT ${COLUMNS} FROM alert a WHERE a."diaSourceId" = $1`,
      [diaSourceId.toString()],
    );
    if (!rows[0]) throw new AlertError('NO_SUCH_ALERT', `there is no alert ${diaSourceId}`, diaSourceId);
    return rows[0];
  }

  /** The packet in its wire form. */
  async frame(diaSourceId: bigint): Promise<Uint8Array> {
    const rows: { key: string; offset: bigint; length: number }[] = await this.dataSource.query(
      'SELECT archive_key AS key, archive_offset AS offset, archive_length AS length FROM alert WHERE "diaSourceId" = $1',
      [diaSourceId.toString()],
    );
    const place = rows[0];
    if (!place) throw new AlertError('NO_SUCH_ALERT', `there is no alert ${diaSourceId}`, diaSourceId);
    const file = await this.storage.get(place.key);
    return file.subarray(Number(place.offset), Number(place.offset) + place.length);
  }

  /** The packet as a value: 64-bit identifiers as bigint, cut-outs as FITS bytes. */
  async packet(diaSourceId: bigint): Promise<Record<string, unknown>> {
    return decodeAlert(await this.frame(diaSourceId));
  }
}
