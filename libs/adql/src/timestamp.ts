const DALI = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?)?Z?$/;

/** An instant written the DALI way (2026-01-31, 2026-01-31T12:00:00.5, UTC) as PostgreSQL reads it; undefined if it is none. */
export function parseTimestamp(text: string): string | undefined {
  const match = DALI.exec(text.trim());
  if (!match) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = match;
  const whole = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(whole.getTime()) || whole.getUTCDate() !== Number(day) || year === '0000') return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) >= 60) return undefined;
  return `${year}-${month}-${day} ${hour}:${minute}:${second}+00`;
}
