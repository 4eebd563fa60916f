// Known Solar System objects in a field: the stored orbits, propagated to the middle of the exposure and seen from the telescope.

import type { DataSource } from 'typeorm';
import { cometaryElements, type KnownOrbit, predictSsObjects, solarSystemTable } from '#libs/algorithms';
import type { Exposure } from '#libs/image';
import { type SkyCircle, ssObjectIdOf } from '#libs/schema';
import type { ObserverSite } from '#libs/sky';
import type { Table } from '#libs/table';

/** 1-sigma uncertainty of a place when the orbit brings none: two-body motion over some weeks [arcsec]. */
const DEFAULT_UNCERTAINTY = 0.3;

interface OrbitRow {
  readonly designation: string;
  readonly a: number | null;
  readonly q: number | null;
  readonly e: number | null;
  readonly i: number | null;
  readonly node: number | null;
  readonly argperi: number | null;
  readonly mean_anomaly: number | null;
  readonly peri_time: number | null;
  readonly epoch_mjd: number | null;
  readonly h: number | null;
  readonly g: number | null;
}

function knownOrbit(row: OrbitRow): KnownOrbit | undefined {
  const { designation, a, q, e, i, node, argperi, mean_anomaly, peri_time, epoch_mjd, h, g } = row;
  if (e === null || i === null || node === null || argperi === null) return undefined;
  const angles = { e, inclinationDeg: i, nodeDeg: node, argPeriDeg: argperi };
  const elements =
    q !== null && peri_time !== null
      ? { q, periTimeMjd: peri_time, ...angles }
      : a !== null && mean_anomaly !== null && epoch_mjd !== null && e < 1
        ? cometaryElements({ a, meanAnomalyDeg: mean_anomaly, epochMjd: epoch_mjd, ...angles })
        : undefined;
  return elements && { ...elements, ssObjectId: ssObjectIdOf(designation), designation, h: h ?? NaN, g: g ?? 0.15 };
}

/** The known Solar System objects that should be inside a circle at the middle of an exposure. */
export async function predictSolarSystem(
  dataSource: DataSource,
  { info }: Exposure,
  region: SkyCircle,
): Promise<Table> {
  const site: ObserverSite | undefined = info?.observatory;
  const rows: OrbitRow[] = site
    ? await dataSource.query(
        'SELECT designation, a, q, e, i, node, argperi, mean_anomaly, peri_time, epoch_mjd, h, g FROM mpc_orbits ORDER BY designation',
      )
    : [];
  const orbits = rows.map(knownOrbit).filter((orbit) => orbit !== undefined);
  const found = site && info ? predictSsObjects(orbits, info.midpointMjdTai, site, region, region.radiusDeg) : [];
  return solarSystemTable(found, DEFAULT_UNCERTAINTY);
}
