// Time scales, the rotation of the Earth, precession and nutation, the Earth's orbit, against ERFA on seeded random dates.
import { existsSync, readFileSync } from 'node:fs';
import {
  celestialIntermediateSystem,
  earthRotationAngle,
  earthState,
  greenwichApparentSiderealTime,
  greenwichMeanSiderealTime,
  icrsToEarthFixed,
  icrsToTrueEquator,
  LEAP_SECONDS,
  nutation,
  nutation2000A,
  nutation2000B,
  parseEarthOrientation,
  parseLeapSeconds,
  polarMotion,
  taiToTt,
  tdbMinusTt,
  ut1MinusUtc,
  utcToTai,
} from '#libs/sky';
import type { TruthCase } from '../truth-case.js';
import { erfa, erfaCase, generator, ofDate, randomDates, worst } from './erfa.js';

const ARCSEC = Math.PI / 180 / 3600;

export const time: readonly TruthCase[] = [
  {
    room: 'time',
    name: 'UTC to TT, leap seconds included',
    truth: 'ERFA utctai, taitt, 200 random dates',
    limit: 1,
    unit: 'us',
    needs: ['python:erfa'],
    async measure(around) {
      // ERFA gives two numbers; the sum of their small parts in days from a round date keeps the digits
      const dates = randomDates(3);
      const truth = await erfa(around, 'erfa.taitt(*erfa.utctai(J, d))', { d: dates });
      return (
        86400e6 *
        worst(
          dates.map((d) => [taiToTt(utcToTai(d))]),
          truth.map(([a, b]) => [a! - 2400000.5 + b!]),
        )
      );
    },
  },
  {
    room: 'time',
    name: 'the built-in leap seconds',
    truth: 'ERFA leap_seconds and the list of the IERS on this machine',
    limit: 0,
    unit: 'differ',
    needs: ['python:erfa'],
    async measure(around) {
      const rows = await erfa(around, "[erfa.leap_seconds.get()[f] for f in ('year', 'month', 'tai_utc')]", {
        length: Array.from({ length: 42 }, () => 0),
      });
      const since1972 = rows
        .filter(([year]) => year! >= 1972)
        .map(([year, month, offset]) => [Date.UTC(year!, month! - 1, 1) / 86400000 + 40587, offset!]);
      const built = LEAP_SECONDS.entries;
      const differ = (list: readonly (readonly number[])[]): number =>
        Math.abs(list.length - built.length) +
        list.filter(([day, offset], k) => day !== built[k]?.[0] || offset !== built[k]?.[1]).length;
      const file = '/usr/share/zoneinfo/leap-seconds.list';
      const listed = existsSync(file) ? parseLeapSeconds(readFileSync(file, 'utf8')).entries : built;
      return { value: differ(since1972) + differ(listed), note: `${built.length} since 1972` };
    },
  },
  erfaCase({
    name: 'TDB - TT at a clock on the ground',
    routine: 'dtdb',
    limit: 1e-15,
    unit: 's',
    async measure(around) {
      const random = generator(5);
      const rows = randomDates(5).map((d) => [d, random(), random(-180, 180), random(0, 6378), random(-6357, 6357)]);
      const column = (k: number): number[] => rows.map((row) => row[k]!);
      const truth = await erfa(around, 'erfa.dtdb(J, d, ut, np.radians(lon), u, v)', {
        d: column(0),
        ut: column(1),
        lon: column(2),
        u: column(3),
        v: column(4),
      });
      return worst(
        rows.map(([d, ut1Fraction, longitudeDeg, axisKm, equatorKm]) => [
          tdbMinusTt(d!, {
            ut1Fraction: ut1Fraction!,
            longitudeDeg: longitudeDeg!,
            axisKm: axisKm!,
            equatorKm: equatorKm!,
          }),
        ]),
        truth,
      );
    },
  }),
  ofDate(
    'Earth rotation angle',
    'era00',
    'erfa.era00(J, d)',
    1e-12,
    'rad',
    (d) => [earthRotationAngle(d)],
    2 * Math.PI,
  ),
  ofDate(
    'Greenwich mean sidereal time',
    'gmst06',
    'erfa.gmst06(J, d, J, d)',
    1e-12,
    'rad',
    (d) => [greenwichMeanSiderealTime(d, d)],
    2 * Math.PI,
  ),
  ofDate(
    'Greenwich apparent sidereal time',
    'gst06a',
    'erfa.gst06a(J, d, J, d)',
    1e-12,
    'rad',
    (d) => [greenwichApparentSiderealTime(d, d)],
    2 * Math.PI,
  ),
  ofDate('nutation IAU 2000A', 'nut00a', 'erfa.nut00a(J, d)', 1e-13, 'rad', (d) => {
    const { dpsi, deps } = nutation2000A(d);
    return [dpsi, deps];
  }),
  ofDate('nutation IAU 2000A for the precession of 2006', 'nut06a', 'erfa.nut06a(J, d)', 1e-13, 'rad', (d) => {
    const { dpsi, deps } = nutation(d);
    return [dpsi, deps];
  }),
  ofDate('nutation IAU 2000B', 'nut00b', 'erfa.nut00b(J, d)', 1e-13, 'rad', (d) => {
    const { dpsi, deps } = nutation2000B(d);
    return [dpsi, deps];
  }),
  ofDate('bias, precession and nutation', 'pnm06a', 'erfa.pnm06a(J, d)', 1e-14, '', (d) => icrsToTrueEquator(d)),
  ofDate('celestial intermediate pole X, Y', 'xys06a', 'erfa.xys06a(J, d)[:2]', 1e-14, 'rad', (d) => {
    const { x, y } = celestialIntermediateSystem(d);
    return [x, y];
  }),
  ofDate('celestial intermediate origin s', 'xys06a', 'erfa.xys06a(J, d)[2]', 1e-18, 'rad', (d) => [
    celestialIntermediateSystem(d).s,
  ]),
  erfaCase({
    name: 'celestial to Earth-fixed axes with the pole',
    routine: 'c2t06a',
    limit: 1e-12,
    unit: '',
    async measure(around) {
      const random = generator(41);
      const dates = randomDates(41);
      const xp = dates.map(() => random(-0.5, 0.5) * ARCSEC);
      const yp = dates.map(() => random(-0.5, 0.5) * ARCSEC);
      const truth = await erfa(around, 'erfa.c2t06a(J, d, J, d, xp, yp)', { d: dates, xp, yp });
      return worst(
        dates.map((d, k) => icrsToEarthFixed(d, earthRotationAngle(d), xp[k], yp[k])),
        truth,
      );
    },
  }),
  ofDate(
    'Earth position, heliocentric and barycentric',
    'epv00',
    "np.concatenate([pv['p'] for pv in erfa.epv00(J, d)], axis=1)",
    1e-14,
    'au',
    (d) => {
      const { heliocentric, barycentric } = earthState(d);
      return [...heliocentric.position, ...barycentric.position];
    },
  ),
  ofDate(
    'Earth velocity, heliocentric and barycentric',
    'epv00',
    "np.concatenate([pv['v'] for pv in erfa.epv00(J, d)], axis=1)",
    1e-15,
    'au/d',
    (d) => {
      const { heliocentric, barycentric } = earthState(d);
      return [...heliocentric.velocity, ...barycentric.velocity];
    },
  ),
  ...earthOrientationCases(),
];

/** Tables of the IERS that come with astropy, read by us and by astropy at random instants. */
function earthOrientationCases(): TruthCase[] {
  const one = (name: string, module: string, file: string, reader: string): TruthCase => ({
    room: 'time',
    name,
    truth: `astropy ${reader}, 200 random instants`,
    limit: 1e-9,
    unit: 's and "',
    needs: ['python:astropy'],
    async measure(around) {
      const script = `
import json, os, warnings
warnings.simplefilter('ignore')
import numpy as np
import ${module} as m
from astropy.utils import iers
path = os.path.join(os.path.dirname(m.__file__), 'data', '${file}')
t = iers.${reader}.open(path)
known = t['MJD'].value[np.isfinite(t['UT1_UTC'].value)]
mjd = np.random.default_rng(1).uniform(known[0] + 0.01, known[-1] - 0.01, 200)
x, y = t.pm_xy(2400000.5, mjd)
text = open(path).read()
print(json.dumps([text, mjd.tolist(), t.ut1_utc(2400000.5, mjd).to_value('s').tolist(), x.to_value('arcsec').tolist(), y.to_value('arcsec').tolist()]))`;
      const [text, mjd, dut1, x, y] = JSON.parse((await around.python(script)).toString()) as [
        string,
        number[],
        number[],
        number[],
        number[],
      ];
      const table = parseEarthOrientation(text);
      // before 1972 UTC was no multiple of a second from TAI: our leap-second table begins there
      const usable = mjd.map((_, k) => k).filter((k) => mjd[k]! > 41318);
      return {
        value: worst(
          usable.map((k) => {
            const { xp, yp } = polarMotion(mjd[k]!, table);
            return [ut1MinusUtc(mjd[k]!, table), xp / ARCSEC, yp / ARCSEC];
          }),
          usable.map((k) => [dut1[k]!, x[k]!, y[k]!]),
        ),
        note: `${table.mjdUtc.length} days, ${usable.length} instants`,
      };
    },
  });
  return [
    one(
      'UT1 and the pole from a finals2000A text',
      'astropy.utils.iers.tests',
      'finals2000A-2016-02-30-test',
      'IERS_A',
    ),
    one('UT1 and the pole from the C04 series', 'astropy.utils.iers', 'eopc04_IAU2000.62-now', 'IERS_B'),
  ];
}
