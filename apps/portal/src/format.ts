// Numbers as astronomers write them.

const DAY_MS = 86_400_000;
/** 1970-01-01 as MJD */
const EPOCH_MJD = 40_587;
/** TAI minus UTC since 2017 [s] */
const TAI_MINUS_UTC = 37;

export const missing = '–';

const utc = (mjdTai: number): Date => new Date((mjdTai - EPOCH_MJD) * DAY_MS - TAI_MINUS_UTC * 1000);

export const time = (mjdTai: number): string => utc(mjdTai).toISOString().slice(11, 19);
export const dateTime = (mjdTai: number): string => utc(mjdTai).toISOString().slice(0, 19).replace('T', ' ');

/** A night is named after the day on which it began in Chile: it changes at 12 h UTC. */
export const nightOf = (mjdTai: number): number => Math.floor(mjdTai - 0.5);
export const nightName = (night: number): string => new Date((night - EPOCH_MJD) * DAY_MS).toISOString().slice(0, 10);

export const fixed = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined || !Number.isFinite(value) ? missing : value.toFixed(digits);

export const count = (value: number): string => value.toLocaleString('en-US').replaceAll(',', '\u202f');

function sexagesimal(value: number, digits: number): string {
  const units = Math.round(value * 3600 * 10 ** digits);
  const seconds = units / 10 ** digits;
  const two = (part: number): string => String(part).padStart(2, '0');
  const rest = (seconds % 60).toFixed(digits).padStart(digits + 3, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${rest}`;
}
export const raText = (deg: number): string => sexagesimal((((deg % 360) + 360) % 360) / 15, 2);
export const decText = (deg: number): string => (deg < 0 ? '\u2212' : '+') + sexagesimal(Math.abs(deg), 1);

/** AB magnitude of a flux in nJy */
export const magnitude = (flux: number | null | undefined): string =>
  flux !== null && flux !== undefined && flux > 0 ? (31.4 - 2.5 * Math.log10(flux)).toFixed(2) : missing;
