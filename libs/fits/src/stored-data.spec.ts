// Every stored FITS file against what astropy 8.0.1 found in it (fits_truth.json of each set).

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type FitsHdu, FitsError, openFits, type PixelData } from './index.js';

const root = process.env['ALMAGEST_TEST_DATA'];
const SETS = [
  '8_fits',
  '1_raw_ccd',
  '3_coadd_astrometry',
  '9_vo_hips_moc',
  '2_difference',
  '4_refcats',
  '6_lightcurves',
  '7_solar_system',
];

interface HduTruth {
  readonly i?: number;
  readonly type: string;
  readonly name: string;
  readonly shape?: number[] | null;
  readonly dtype?: string;
  readonly nan?: number;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly first?: number;
  readonly last?: number;
  readonly rows?: number;
  readonly cols?: string[];
  readonly error?: string;
}
type FileTruth = readonly HduTruth[];

function statistics(data: PixelData): { nan: number; sum: number; min: number; max: number } {
  let nan = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) {
    const stored = data[i]!;
    const value = typeof stored === 'bigint' ? Number(stored) : stored; // no global in the hot loop: those are slow in jest
    if (value !== value) nan++;
    else {
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return { nan, sum, min, max };
}

/** astropy scales 16-bit images in single precision: seven digits. Everything else is the same number. */
const near = (value: number, truth: number, relative: number): boolean =>
  Object.is(value, truth) || Math.abs(value - truth) <= relative * Math.abs(truth) + 1e-300;

async function differencesOf(hdu: FitsHdu, truth: HduTruth): Promise<string[]> {
  const wrong: string[] = [];
  const check = (what: string, ok: boolean, value: unknown, expected: unknown): void => {
    if (!ok) wrong.push(`HDU ${truth.i} ${what}: ${String(value)} instead of ${String(expected)}`);
  };
  if (truth.type !== 'GroupsHDU' && truth.type !== '_NonstandardHDU')
    check('name', hdu.name === truth.name, hdu.name, truth.name);
  if (truth.type === 'GroupsHDU') {
    // one file claims GROUPS without having any axis: an empty image
    if (truth.rows !== undefined) {
      const table = await hdu.readTable();
      check('groups', table.rowCount === truth.rows, table.rowCount, truth.rows);
      const names = truth.cols!.filter((name) => !name.startsWith('_')); // astropy's mark of a name that occurs again
      check('columns', table.fields.map((field) => field.name).join() === names.join(), table.fields.length, names);
    } else check('pixels', hdu.shape.length === 0, hdu.shape, 'none');
  } else if (truth.type === 'BinTableHDU' && truth.rows === undefined) {
    // astropy fails on nameless columns and calls a table without columns an empty image; we read both
    const table = await hdu.readTable();
    check('columns', truth.error !== undefined || table.fields.length === 0, table.fields.length, 'none');
  } else if (truth.rows !== undefined) {
    const table = await hdu.readTable();
    check('rows', table.rowCount === truth.rows, table.rowCount, truth.rows);
    const names = table.fields.map((field) => field.name).slice(0, 80); // the truth lists no more
    check('columns', names.join() === truth.cols!.join(), names, truth.cols);
    for (const field of table.fields) for (let row = 0; row < table.rowCount; row += 97) field.value(row);
  } else if (truth.shape && truth.type !== '_NonstandardHDU') {
    const shape = hdu.shape.toReversed();
    check('shape', shape.join() === truth.shape.join(), shape, truth.shape);
    const { data } = await hdu.readImage();
    if (truth.sum !== undefined && data.length > 0) {
      const found = statistics(data);
      const tolerance = truth.dtype === 'float32' ? 1e-6 : 1e-12;
      check('NaNs', found.nan === truth.nan, found.nan, truth.nan);
      check('sum', near(found.sum, truth.sum, tolerance * 10), found.sum, truth.sum);
      if (found.nan < data.length) {
        check('minimum', near(found.min, truth.min!, tolerance), found.min, truth.min);
        check('maximum', near(found.max, truth.max!, tolerance), found.max, truth.max);
      }
      check('first', near(Number(data[0]), truth.first!, tolerance), data[0], truth.first);
      check('last', near(Number(data.at(-1)), truth.last!, tolerance), data.at(-1), truth.last);
    }
  } else if (truth.shape === null) check('pixels', hdu.shape.length === 0 || hdu.shape.includes(0), hdu.shape, 'none');
  return wrong;
}

if (root) {
  describe.each(SETS)('every file of %s', (set) => {
    const truth = JSON.parse(
      readFileSync(join(root, set, 'fits_truth.json'), 'utf8').replace(/\bNaN\b/g, 'null'),
    ) as Record<string, FileTruth>;
    const files = Object.entries(truth).map(([path, hdus]) => [path.replace('/dev/', '/'), hdus] as const);
    it.each(files)('%s', async (path, hdus) => {
      const full = join(root, path);
      expect(existsSync(full)).toBe(true);
      if (hdus[0]?.error !== undefined && hdus[0].i === undefined) {
        await expect(openFits(full)).rejects.toBeInstanceOf(FitsError);
        return;
      }
      const file = await openFits(full);
      const wrong: string[] = [];
      for (const hdu of hdus) {
        const nulls = hdu.nan !== undefined && hdu.min === null;
        wrong.push(...(await differencesOf(file.hdu(hdu.i!), nulls ? { ...hdu, first: NaN, last: NaN } : hdu)));
      }
      await file.close();
      expect(wrong).toEqual([]);
    });
  });
  it('good and bad checksums are told apart', async () => {
    const verdicts = async (name: string): Promise<unknown[]> => {
      const file = await openFits(join(root, '8_fits/astropy_fits_core', name));
      const found = await Promise.all(file.hdus.map((hdu) => hdu.verifyChecksum()));
      await file.close();
      return found;
    };
    const good = { datasum: true, checksum: true };
    expect(await verdicts('checksum.fits')).toEqual([good, good]);
    expect(await verdicts('checksum_false.fits')).not.toContainEqual(good);
  });
} else
  it('says which tests need the stored data', () => {
    console.log('not run: 269 tests need ALMAGEST_TEST_DATA');
    expect(root).toBeUndefined();
  });
