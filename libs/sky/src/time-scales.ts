/**
 * Time scales: UTC <-> TAI <-> TT and UT1, as Modified Julian Dates (one double holds an MJD to 1 us); TDB is in tdb.ts.
 * UTC days with a leap second are stretched to 86401 s (the convention of SOFA's quasi-MJD), so every instant has one UTC MJD.
 */
import { SkyError } from './errors.js';

export const SECONDS_PER_DAY = 86400;
export const MJD_J2000 = 51544.5;
export const TT_MINUS_TAI = 32.184;

/** Julian centuries from J2000. */
export const julianCenturies = (mjd: number): number => (mjd - MJD_J2000) / 36525;

export interface LeapSecondTable {
  /** [first UTC day MJD, TAI - UTC in seconds], ascending */
  readonly entries: readonly (readonly [number, number])[];
  /** UTC MJD from which the table says nothing */
  readonly expiresMjd: number;
}

/**
 * IERS Bulletin C: all leap seconds since 1972. The built-in table holds to 2035-01-01, by which date the General Conference
 * on Weights and Measures (2022, resolution 4) ends leap seconds; should one be announced before, pass a longer table.
 */
export const LEAP_SECONDS: LeapSecondTable = {
  entries: [
    [41317, 10],
    [41499, 11],
    [41683, 12],
    [42048, 13],
    [42413, 14],
    [42778, 15],
    [43144, 16],
    [43509, 17],
    [43874, 18],
    [44239, 19],
    [44786, 20],
    [45151, 21],
    [45516, 22],
    [46247, 23],
    [47161, 24],
    [47892, 25],
    [48257, 26],
    [48804, 27],
    [49169, 28],
    [49534, 29],
    [50083, 30],
    [50630, 31],
    [51179, 32],
    [53736, 33],
    [54832, 34],
    [56109, 35],
    [57204, 36],
    [57754, 37],
  ],
  expiresMjd: 64328,
};

/**
 * The table of a `leap-seconds.list` as the IERS and NIST publish it: seconds since 1900 with TAI - UTC, the expiry in a line `#@`.
 * A text without either: BAD_TABLE.
 */
export function parseLeapSeconds(text: string): LeapSecondTable {
  const mjdOf = (seconds: string): number => 15020 + Number(seconds) / SECONDS_PER_DAY;
  const entries: [number, number][] = [];
  let expiresMjd = NaN;
  for (const line of text.split(/\r?\n/)) {
    const expiry = /^#@\s+(\d+)/.exec(line);
    const entry = /^\s*(\d+)\s+(\d+)/.exec(line);
    if (expiry) expiresMjd = mjdOf(expiry[1]!);
    else if (entry) entries.push([mjdOf(entry[1]!), Number(entry[2])]);
  }
  if (entries.length === 0 || Number.isNaN(expiresMjd))
    throw new SkyError(
      'BAD_TABLE',
      'the text holds no leap seconds, or no date to which it is valid',
      text.slice(0, 80),
    );
  return { entries: entries.sort((p, q) => p[0] - q[0]), expiresMjd };
}

/** TAI - UTC [s] on the UTC day that holds `mjdUtc`. */
export function taiMinusUtc(mjdUtc: number, table: LeapSecondTable = LEAP_SECONDS): number {
  const { entries, expiresMjd } = table;
  if (!(mjdUtc >= entries[0]![0] && mjdUtc < expiresMjd))
    throw new SkyError(
      'NO_LEAP_SECONDS',
      `the leap-second table reaches from MJD ${entries[0]![0]} to ${expiresMjd}; ${mjdUtc} is outside`,
      mjdUtc,
    );
  return entries.findLast(([day]) => day <= mjdUtc)![1];
}

/** The UTC day of an instant, the seconds passed in it (up to 86401 on a leap day) and TAI - UTC [s]. */
export function utcDay(
  mjdUtc: number,
  table: LeapSecondTable = LEAP_SECONDS,
): { readonly day: number; readonly seconds: number; readonly taiMinusUtc: number } {
  const day = Math.floor(mjdUtc);
  const offset = taiMinusUtc(day, table);
  const seconds = (mjdUtc - day) * (SECONDS_PER_DAY + leapAtEndOf(day, offset, table));
  return { day, seconds, taiMinusUtc: offset };
}

export function utcToTai(mjdUtc: number, table: LeapSecondTable = LEAP_SECONDS): number {
  const { day, seconds, taiMinusUtc: offset } = utcDay(mjdUtc, table);
  return day + (seconds + offset) / SECONDS_PER_DAY;
}

export function taiToUtc(mjdTai: number, table: LeapSecondTable = LEAP_SECONDS): number {
  // half a microsecond keeps the first instant of a day on that day
  let day = Math.floor(mjdTai + 5e-12);
  let offset = taiMinusUtc(day, table);
  let seconds = (mjdTai - day) * SECONDS_PER_DAY - offset;
  if (seconds < -5e-7) {
    day--;
    offset = taiMinusUtc(day, table);
    seconds = (mjdTai - day) * SECONDS_PER_DAY - offset;
  }
  return day + Math.max(0, seconds) / (SECONDS_PER_DAY + leapAtEndOf(day, offset, table));
}

const leapAtEndOf = (day: number, offset: number, table: LeapSecondTable): number =>
  day + 1 < table.expiresMjd ? taiMinusUtc(day + 1, table) - offset : 0;

export const taiToTt = (mjdTai: number): number => mjdTai + TT_MINUS_TAI / SECONDS_PER_DAY;
export const ttToTai = (mjdTt: number): number => mjdTt - TT_MINUS_TAI / SECONDS_PER_DAY;

/** UT1 - UTC as measured by the IERS: daily or sparser values, interpolated linearly (leap seconds taken out). */
export interface Ut1Table {
  readonly mjdUtc: readonly number[];
  readonly ut1MinusUtc: readonly number[];
}

/**
 * UT1 - UTC [s]. Without a table 0 is used: an error below 0.9 s, which moves an observatory by at most 420 m (0.6 mas on an
 * object 1 au away, 60 mas at 0.01 au). With a table, instants outside it throw.
 */
export function ut1MinusUtc(mjdUtc: number, table?: Ut1Table, leaps: LeapSecondTable = LEAP_SECONDS): number {
  if (!table) return 0;
  const { mjdUtc: days, ut1MinusUtc: values } = table;
  const { low, fraction } = tableInterval(mjdUtc, table);
  // UT1 - TAI is continuous; UT1 - UTC jumps with leap seconds
  const smooth = (k: number): number => values[k]! - taiMinusUtc(days[k]!, leaps);
  return smooth(low) + fraction * (smooth(low + 1) - smooth(low)) + taiMinusUtc(mjdUtc, leaps);
}

/** The entry of a table before a date, and how far the date is toward the next; NO_DUT1 outside the table. */
export function tableInterval(
  mjdUtc: number,
  { mjdUtc: days }: Ut1Table,
): { readonly low: number; readonly fraction: number } {
  const last = days.length - 1;
  if (!(last >= 1 && mjdUtc >= days[0]! && mjdUtc <= days[last]!))
    throw new SkyError(
      'NO_DUT1',
      `the UT1 table reaches from MJD ${days[0]} to ${days[last]}; ${mjdUtc} is outside`,
      mjdUtc,
    );
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (days[middle]! <= mjdUtc) low = middle;
    else high = middle;
  }
  return { low, fraction: (mjdUtc - days[low]!) / (days[high]! - days[low]!) };
}

/** MJD (UT1) of an instant given in TAI. */
export function taiToUt1(mjdTai: number, table?: Ut1Table): number {
  const mjdUtc = taiToUtc(mjdTai);
  // UT1 runs uniformly: through TAI, not through the stretched UTC of a leap day
  return mjdTai + (ut1MinusUtc(mjdUtc, table) - taiMinusUtc(mjdUtc)) / SECONDS_PER_DAY;
}

/** MJD of a civil date and time in the same scale, e.g. `2026-11-21T04:05:06.789` (FITS DATE-OBS; a final Z is allowed). */
export function mjdFromIso(text: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d*)?))?)?Z?$/.exec(text.trim());
  const [, year, month, day, hour = 0, minute = 0, second = 0] = (match ?? []).map(Number).map((v) => v || 0);
  const midnight = Date.UTC(year ?? NaN, (month ?? NaN) - 1, day ?? NaN);
  const back = new Date(midnight);
  if (
    !match ||
    back.getUTCMonth() + 1 !== month ||
    back.getUTCDate() !== day ||
    hour > 24 ||
    minute > 59 ||
    second >= 61
  )
    throw new SkyError('OUT_OF_RANGE', `"${text}" is not a date and time`, text);
  return midnight / 86400000 + 40587 + (hour * 3600 + minute * 60 + second) / SECONDS_PER_DAY;
}

/** Civil date and time of an MJD in the same scale, to the millisecond. */
export const isoFromMjd = (mjd: number): string =>
  new Date(Math.round((mjd - 40587) * 86400000)).toISOString().replace('Z', '');
