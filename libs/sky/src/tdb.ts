/**
 * TDB and TT after Fairhead & Bretagnon (1990), with the JPL planetary masses and, for a station, the diurnal terms (Moyer 1981, Murray
 * 1983): 3 us at worst against JPL integrations from 1950 to 2050. About 15 us an instant (787 terms).
 */
import { DEG } from './angles.js';
import { TDB_SERIES } from './tdb-series.js';
import { MJD_J2000, SECONDS_PER_DAY, taiToTt, ttToTai } from './time-scales.js';

/** A clock on the ground, for the 2 us of the diurnal terms. */
export interface ClockStation {
  /** UT1 as a fraction of the day */
  readonly ut1Fraction: number;
  /** east longitude */
  readonly longitudeDeg: number;
  /** distances from the Earth's axis and north of its equatorial plane */
  readonly axisKm: number;
  readonly equatorKm: number;
}

/** TDB - TT [s] at the geocentre or at a station. The date may be TDB or TT. */
export function tdbMinusTt(mjdTdb: number, station?: ClockStation): number {
  const t = (mjdTdb - MJD_J2000) / 365250;
  let sum = 0;
  for (let power = TDB_SERIES.length - 1; power >= 0; power--) {
    const terms = TDB_SERIES[power]!;
    let part = 0;
    for (let k = terms.length - 3; k >= 0; k -= 3) part += terms[k]! * Math.sin(terms[k + 1]! * t + terms[k + 2]!);
    sum = sum * t + part;
  }
  const masses =
    0.00065e-6 * Math.sin(6069.776754 * t + 4.021194) +
    0.00033e-6 * Math.sin(213.299095 * t + 5.543132) -
    0.00196e-6 * Math.sin(6208.294251 * t + 5.696701) -
    0.00173e-6 * Math.sin(74.781599 * t + 2.4359) +
    0.03638e-6 * t * t;
  return (station ? diurnalTerms(t, station) : 0) + sum + masses;
}

function diurnalTerms(t: number, { ut1Fraction, longitudeDeg, axisKm: u, equatorKm: v }: ClockStation): number {
  const solarTime = (ut1Fraction % 1) * 2 * Math.PI + longitudeDeg * DEG;
  const w = t / 3600;
  const longitude = (at0: number, rate: number): number => ((at0 + rate * w) % 360) * DEG;
  const sun = longitude(280.46645683, 1296027711.03429);
  const anomaly = longitude(357.52910918, 1295965810.481);
  const moon = longitude(297.85019547, 16029616012.09);
  const jupiter = longitude(34.35151874, 109306899.89453);
  const saturn = longitude(50.0774443, 44046398.47038);
  const { sin, cos } = Math;
  return (
    0.00029e-10 * u * sin(solarTime + sun - saturn) +
    0.001e-10 * u * sin(solarTime - 2 * anomaly) +
    0.00133e-10 * u * sin(solarTime - moon) +
    0.00133e-10 * u * sin(solarTime + sun - jupiter) -
    0.00229e-10 * u * sin(solarTime + 2 * sun + anomaly) -
    0.022e-10 * v * cos(sun + anomaly) +
    0.05312e-10 * u * sin(solarTime - anomaly) -
    0.13677e-10 * u * sin(solarTime + 2 * sun) -
    1.3184e-10 * v * cos(sun) +
    3.17679e-10 * u * sin(solarTime)
  );
}

export const ttToTdb = (mjdTt: number): number => mjdTt + tdbMinusTt(mjdTt) / SECONDS_PER_DAY;
export const tdbToTt = (mjdTdb: number): number => mjdTdb - tdbMinusTt(mjdTdb) / SECONDS_PER_DAY;
export const taiToTdb = (mjdTai: number): number => ttToTdb(taiToTt(mjdTai));
export const tdbToTai = (mjdTdb: number): number => ttToTai(tdbToTt(mjdTdb));
