/**
 * Orientation of the Earth as the IERS measures it: UT1 - UTC and the pole. Read from the texts of the IERS: finals.all, finals2000A and
 * their daily forms (fixed columns; Bulletin B values where they are given), the weekly Bulletin A, and the series C04.
 * Values between days are interpolated linearly: 0.1 ms and 0.5 mas at worst, besides the errors of the tables.
 */
import { ARCSEC } from './angles.js';
import { SkyError } from './errors.js';
import { tableInterval, type Ut1Table } from './time-scales.js';

export interface EarthOrientation extends Ut1Table {
  /** pole [arcsec], one value per date of the table */
  readonly xPoleArcsec?: readonly number[];
  readonly yPoleArcsec?: readonly number[];
  /** MJD of the first value that is predicted, not measured; absent when the text does not say */
  readonly predictedFromMjd?: number;
}

/** The pole xp, yp [rad]; zero without a table or where it has no pole. Outside a table: NO_DUT1. */
export function polarMotion(mjdUtc: number, table?: EarthOrientation): { readonly xp: number; readonly yp: number } {
  if (!table?.xPoleArcsec || !table.yPoleArcsec) return { xp: 0, yp: 0 };
  const { low, fraction } = tableInterval(mjdUtc, table);
  const at = (values: readonly number[]): number =>
    (values[low]! + fraction * (values[low + 1]! - values[low]!)) * ARCSEC;
  return { xp: at(table.xPoleArcsec), yp: at(table.yPoleArcsec) };
}

interface Row {
  readonly mjd: number;
  readonly x: number;
  readonly y: number;
  readonly dut1: number;
  readonly predicted: boolean | undefined;
}

/** Reads any of the IERS texts named above; lines that are no data are passed over. A text without data, or out of order: BAD_TABLE. */
export function parseEarthOrientation(text: string): EarthOrientation {
  const lines = text.split(/\r?\n/);
  const rows = lines.some((line) => FINALS.test(line)) ? lines.flatMap(finalsRow) : lines.flatMap(bulletinRow);
  if (rows.length < 2) throw new SkyError('BAD_TABLE', 'the text holds no table of Earth orientation', lines[0]);
  const disorder = rows.findIndex((row, k) => k > 0 && row.mjd <= rows[k - 1]!.mjd);
  if (disorder > 0)
    throw new SkyError(
      'BAD_TABLE',
      `MJD ${rows[disorder]!.mjd} follows MJD ${rows[disorder - 1]!.mjd}`,
      rows[disorder],
    );
  const predicted = rows.find((row) => row.predicted);
  return {
    mjdUtc: rows.map((row) => row.mjd),
    ut1MinusUtc: rows.map((row) => row.dut1),
    xPoleArcsec: rows.map((row) => row.x),
    yPoleArcsec: rows.map((row) => row.y),
    ...(predicted && { predictedFromMjd: predicted.mjd }),
  };
}

const FINALS = /^[\d ]{7}\d{5}\.\d\d [IP ]/;

/** Columns of finals.all and finals2000A; lines without UT1 - UTC (the far future) give nothing. */
function finalsRow(line: string): Row[] {
  if (!FINALS.test(line)) return [];
  const column = (from: number, to: number): number | undefined => {
    const text = line.slice(from, to).trim();
    const value = Number(text);
    if (text !== '' && !Number.isFinite(value))
      throw new SkyError('BAD_TABLE', `columns ${from + 1} to ${to} hold "${text}"`, line);
    return text === '' ? undefined : value;
  };
  const dut1 = column(154, 165) ?? column(58, 68);
  const x = column(134, 144) ?? column(18, 27);
  const y = column(144, 154) ?? column(37, 46);
  if (dut1 === undefined || x === undefined || y === undefined) return [];
  return [{ mjd: column(7, 15)!, x, y, dut1, predicted: line[57] === 'P' }];
}

/** Bulletin A: date of two figures, MJD, x, error, y, error, UT1 - UTC, error; its predictions and C04: year, MJD, x, y, UT1 - UTC, ... */
function bulletinRow(line: string): Row[] {
  const fields = line.trim().split(/\s+/);
  const numbers = fields.map(Number);
  const [year, month, day, mjd] = numbers as [number, number, number, number];
  const isDate = /^\s*\d{2,4}\s+\d{1,2}\s+\d{1,2}\s+\d{5}\s/.test(line) && month <= 12 && day <= 31;
  if (!isDate || numbers.length < 7 || numbers.slice(0, 7).some((value) => !Number.isFinite(value))) return [];
  if (year >= 100) {
    const predicted = fields.length === 7 ? true : undefined;
    return [{ mjd, x: numbers[4]!, y: numbers[5]!, dut1: numbers[6]!, predicted }];
  }
  if (numbers.length !== 10 || numbers.some((value) => !Number.isFinite(value))) return [];
  return [{ mjd, x: numbers[4]!, y: numbers[6]!, dut1: numbers[8]!, predicted: false }];
}
