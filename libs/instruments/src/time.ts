// Times in headers: UTC dates to MJD TAI.

import { InstrumentError } from './errors.js';

/** `2021-10-08T01:55:17.144`, with or without fraction or Z, to MJD in the same time scale. */
export function mjdFromIso(text: unknown, keyword = 'DATE-OBS'): number {
  const match =
    typeof text === 'string' ? /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d(?:\.\d*)?)Z?$/.exec(text.trim()) : null;
  if (!match) throw new InstrumentError('BAD_TIME', `${keyword} is ${String(text)}, not a date and time`, text);
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const midnight = Date.UTC(year, month - 1, day) / 86_400_000 + 40587;
  return midnight + hour / 24 + minute / 1440 + second / 86400;
}

/** The observing day, YYYYMMDD of the evening: the UTC date twelve hours before. */
export function dayObsOf(mjdUtc: number): number {
  const date = new Date((Math.floor(mjdUtc - 0.5) - 40587) * 86_400_000);
  return date.getUTCFullYear() * 10000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}

/** Visit number of a frame without a counter: the observing day and the second since noon UTC. */
export const visitFromTime = (mjdUtc: number): bigint =>
  BigInt(dayObsOf(mjdUtc)) * 100_000n + BigInt(Math.floor((((mjdUtc - 0.5) % 1) * 86400 + 1e-3) % 86400));

/** `19:09:17.959` or `+59:29:38.15` to degrees (hours times 15). */
export function degreesFromSexagesimal(text: unknown, hours: boolean, keyword: string): number {
  const match = typeof text === 'string' ? /^\s*([+-]?)(\d+):(\d+):(\d+(?:\.\d*)?)\s*$/.exec(text) : null;
  if (!match)
    throw new InstrumentError('MISSING_KEYWORD', `${keyword} is ${String(text)}, not of the form dd:mm:ss`, text);
  const value = Number(match[2]) + Number(match[3]) / 60 + Number(match[4]) / 3600;
  return (match[1] === '-' ? -1 : 1) * value * (hours ? 15 : 1);
}
