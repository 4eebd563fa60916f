// The stored positions in older celestial systems: FK4, FK5 of other equinoxes, galactic.
import { readFileSync } from 'node:fs';
import {
  addETerms,
  angularSeparationDeg,
  directionOf,
  fk4ToIcrs,
  fk5ToIcrs,
  GALACTIC_TO_ICRS,
  icrsToFk4,
  icrsToFk5,
  removeETerms,
  type SkyPosition,
  unitVector,
} from '#libs/sky';
import type { Surroundings } from '../surroundings.js';
import type { TruthCase } from '../truth-case.js';

type Row = Readonly<Record<string, number>>;

/** Rows of a stored table; epochs such as B1950.0 and J2000.0 as the number alone. */
function rowsOf(around: Surroundings, file: string): Row[] {
  const lines = readFileSync(around.data('8_fits', 'time_and_coords_truth', file), 'utf8')
    .trim()
    .split(/\r?\n/);
  const [header, ...rows] = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(row.map((text, k) => [header![k]!, Number(text.replace(/^[BJ]/, ''))])));
}

const julian = (besselian: number): number => 1900.000858 + (besselian - 1900) * 0.999978642;
const besselian = (julianYear: number): number => 1900 + (julianYear - 1900.000858) / 0.999978642;
const apart = (a: SkyPosition, raDeg: number, decDeg: number): number =>
  angularSeparationDeg(a.raDeg, a.decDeg, raDeg, decDeg) * 3600;

function toGalactic({ raDeg, decDeg }: SkyPosition): SkyPosition {
  const [x, y, z] = unitVector(raDeg, decDeg);
  const m = GALACTIC_TO_ICRS;
  return directionOf(m[0] * x + m[3] * y + m[6] * z, m[1] * x + m[4] * y + m[7] * z, m[2] * x + m[5] * y + m[8] * z);
}
function fromGalactic(longitude: number, latitude: number): SkyPosition {
  const [x, y, z] = unitVector(longitude, latitude);
  const m = GALACTIC_TO_ICRS;
  return directionOf(m[0] * x + m[1] * y + m[2] * z, m[3] * x + m[4] * y + m[5] * z, m[6] * x + m[7] * y + m[8] * z);
}

/** there and back, as two distances [arcsec] from the stored positions */
const stored = (
  name: string,
  file: string,
  limit: number,
  distances: (row: Row, from: SkyPosition) => readonly [number, number],
  from: readonly [string, string] = ['ra_in', 'dec_in'],
): TruthCase => ({
  room: 'sky',
  name,
  truth: 'AST, stored with the data',
  limit,
  unit: 'arcsec',
  needs: ['data'],
  measure(around) {
    const rows = rowsOf(around, file);
    const worst = rows.map((row) => Math.max(...distances(row, { raDeg: row[from[0]]!, decDeg: row[from[1]]! })));
    return { value: Math.max(...worst), note: `${rows.length} positions, there and back` };
  },
});

/** Limits are those of astropy's own comparison with these tables. */
export const olderSystems: readonly TruthCase[] = [
  stored('FK5 of another equinox and ICRS', 'icrs_fk5.csv', 0.03, (row, from) => [
    apart(icrsToFk5(from, row['equinox_fk5']), row['ra_fk5']!, row['dec_fk5']!),
    apart(fk5ToIcrs(from, row['equinox_fk5']), row['ra_icrs']!, row['dec_icrs']!),
  ]),
  stored('E-terms of aberration of FK4', 'fk4_no_e_fk4.csv', 1e-5, (row, from) => [
    apart(removeETerms(from), row['ra_fk4ne']!, row['dec_fk4ne']!),
    apart(addETerms(from), row['ra_fk4']!, row['dec_fk4']!),
  ]),
  stored('FK4 without E-terms and FK5, each of its equinox', 'fk4_no_e_fk5.csv', 0.03, (row, from) => {
    const [equinox, epoch] = [row['equinox_fk4']!, julian(row['obstime']!)];
    const fk5 = icrsToFk5(fk4ToIcrs(addETerms(from, equinox), { equinox, epoch }), row['equinox_fk5']);
    const fk4 = removeETerms(icrsToFk4(fk5ToIcrs(from, row['equinox_fk5']), { equinox, epoch }), equinox);
    return [apart(fk5, row['ra_fk5']!, row['dec_fk5']!), apart(fk4, row['ra_fk4']!, row['dec_fk4']!)];
  }),
  stored(
    'FK4 and galactic coordinates',
    'galactic_fk4.csv',
    0.3,
    (row, from) => {
      // this table gives the equinox of FK4 as a Julian epoch
      const fk4 = { equinox: besselian(row['equinox_fk4']!), epoch: julian(row['obstime']!) };
      return [
        apart(toGalactic(fk4ToIcrs(from, fk4)), row['lon_gal']!, row['lat_gal']!),
        apart(icrsToFk4(fromGalactic(from.raDeg, from.decDeg), fk4), row['ra_fk4']!, row['dec_fk4']!),
      ];
    },
    ['lon_in', 'lat_in'],
  ),
];
