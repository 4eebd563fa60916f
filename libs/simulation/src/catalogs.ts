// What an observatory knows beforehand: a reference catalog with errors of its own and the orbits of some asteroids.

import { type ColumnDescription, type Table, tableFromRows } from '#libs/table';
import type { SurveyPlan } from './plan-types.js';
import { Random } from './random.js';

const LIMIT_R = 20.5;
const MAS = 1 / 3_600_000;
/** epoch of the reference catalog, J2016.0 as MJD */
export const REFERENCE_EPOCH = 57388.0;

/**
 * Like Gaia: stars to r = 20.5 with positions at J2016.0, proper motions and magnitudes, each with an error drawn from its quoted
 * uncertainty. Variables are in it at their mean magnitude.
 */
export function referenceCatalog(plan: SurveyPlan): Table {
  const random = new Random(plan.seed, 'reference catalog');
  const { bands } = plan;
  const rows = plan.stars
    .map((star, i) => ({ star, refId: 4_000_000_000_000n + BigInt(i + 1) }))
    .filter(({ star }) => star.mag['r']! < LIMIT_R)
    .map(({ star, refId }) => {
      const faintness = 10 ** (0.2 * (Math.max(star.mag['r']!, 15) - 15));
      const sigma = 0.05 * faintness; // mas: 0.05 at r = 15, 0.6 at 20.5
      const motionSigma = 1.1 * sigma;
      const cosDec = Math.cos((star.decDeg * Math.PI) / 180);
      const row: Record<string, number | bigint> = {
        refId,
        ra: (star.raDeg + (sigma * random.normal() * MAS) / cosDec + 360) % 360,
        dec: star.decDeg + sigma * random.normal() * MAS,
        raErr: sigma,
        decErr: sigma,
        pmRa: star.pmRa + motionSigma * random.normal(),
        pmDec: star.pmDec + motionSigma * random.normal(),
        pmRaErr: motionSigma,
        pmDecErr: motionSigma,
        epoch: REFERENCE_EPOCH,
      };
      for (const band of bands) {
        const error = 0.003 + 0.0012 * faintness;
        row[`mag_${band}`] = star.mag[band]! + error * random.normal();
        row[`magErr_${band}`] = error;
      }
      return row;
    });
  const columns: ColumnDescription[] = [
    { name: 'refId', type: 'long', description: 'identifier in the reference catalog' },
    { name: 'ra', type: 'double', unit: 'deg', ucd: 'pos.eq.ra', description: 'ICRS right ascension at the epoch' },
    { name: 'dec', type: 'double', unit: 'deg', ucd: 'pos.eq.dec', description: 'ICRS declination at the epoch' },
    { name: 'raErr', type: 'float', unit: 'mas', description: 'uncertainty of ra, times cos(dec)' },
    { name: 'decErr', type: 'float', unit: 'mas', description: 'uncertainty of dec' },
    {
      name: 'pmRa',
      type: 'double',
      unit: 'mas/yr',
      ucd: 'pos.pm;pos.eq.ra',
      description: 'motion in ra, times cos(dec)',
    },
    { name: 'pmDec', type: 'double', unit: 'mas/yr', ucd: 'pos.pm;pos.eq.dec', description: 'motion in dec' },
    { name: 'pmRaErr', type: 'float', unit: 'mas/yr', description: 'uncertainty of pmRa' },
    { name: 'pmDecErr', type: 'float', unit: 'mas/yr', description: 'uncertainty of pmDec' },
    { name: 'epoch', type: 'double', unit: 'd', description: 'MJD TAI of the position' },
    ...bands.flatMap((band): ColumnDescription[] => [
      { name: `mag_${band}`, type: 'double', unit: 'mag', description: `AB magnitude in ${band}` },
      { name: `magErr_${band}`, type: 'float', unit: 'mag', description: `uncertainty of mag_${band}` },
    ]),
  ];
  return tableFromRows(columns, rows, 'refcat');
}

/** Rows named like the Minor Planet Center's table of orbits: angles in degrees (ecliptic J2000), epoch MJD TT. */
export interface OrbitRow {
  readonly designation: string;
  readonly unpacked_primary_provisional_designation: string;
  readonly a: number;
  readonly q: number;
  readonly e: number;
  readonly i: number;
  readonly node: number;
  readonly argperi: number;
  readonly mean_anomaly: number;
  readonly peri_time: number;
  readonly epoch_mjd: number;
  readonly h: number;
  readonly g: number;
}

/** Provisional designations of a half-month: 2025 AA, 2025 AB ... */
const designationOf = (index: number): string => {
  const letters = 'ABCDEFGHJKLMNOPQRSTUVWXYZ';
  const cycle = Math.floor(index / 25);
  return `2025 A${letters[index % 25]!}${cycle > 0 ? cycle : ''}`;
};

export const knownDesignation = (plan: SurveyPlan, id: string): string | undefined => {
  const index = plan.asteroids.findIndex((asteroid) => asteroid.id === id);
  return index >= 0 && plan.asteroids[index]!.known ? designationOf(index) : undefined;
};

export function orbitCatalog(plan: SurveyPlan): OrbitRow[] {
  return plan.asteroids.flatMap((asteroid, index) => {
    if (!asteroid.known) return [];
    const { a, e, inclination, node, argPeri, meanAnomaly, epochMjd } = asteroid.orbit;
    const motion = (0.01720209895 * 180) / Math.PI / a ** 1.5;
    const fromPerihelion = meanAnomaly > 180 ? meanAnomaly - 360 : meanAnomaly;
    return [
      {
        designation: designationOf(index),
        unpacked_primary_provisional_designation: designationOf(index),
        a,
        q: a * (1 - e),
        e,
        i: inclination,
        node,
        argperi: argPeri,
        mean_anomaly: meanAnomaly,
        peri_time: epochMjd - fromPerihelion / motion,
        epoch_mjd: epochMjd,
        h: asteroid.h,
        g: asteroid.g,
      },
    ];
  });
}
