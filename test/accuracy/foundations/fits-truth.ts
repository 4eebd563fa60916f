// The stored truth of FITS files (fits_truth.json of each set of real data: what astropy 8.0.1 found in them), and how what we
// read is held against it: names, shapes, columns; of pixels the NaNs, sum, extremes, first and last.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FitsError, type FitsHdu, openFits, type PixelData } from '#libs/fits';

export interface HduTruth {
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

/** By path below the folder of real data. */
export function storedTruth(root: string, set: string): [path: string, hdus: readonly HduTruth[]][] {
  const text = readFileSync(join(root, set, 'fits_truth.json'), 'utf8').replace(/\bNaN\b/g, 'null');
  return Object.entries(JSON.parse(text) as Record<string, readonly HduTruth[]>).map(([path, hdus]) => [
    path.replace('/dev/', '/'),
    hdus,
  ]);
}

export type FileVerdict =
  | { readonly kind: 'right' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'wrong'; readonly why: readonly string[] };

/** Reads a file wholly. Refusing it is a verdict of its own, whatever the truth says; anything else that is thrown is wrong. */
export async function judgeFile(path: string, truth: readonly HduTruth[]): Promise<FileVerdict> {
  try {
    const file = await openFits(path);
    try {
      if (truth[0]?.error !== undefined && truth[0].i === undefined)
        return { kind: 'wrong', why: [`astropy refuses it: ${truth[0].error}`] };
      const why: string[] = [];
      for (const hdu of truth) why.push(...(await differencesOf(file.hdu(hdu.i!), hdu)));
      return why.length === 0 ? { kind: 'right' } : { kind: 'wrong', why };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof FitsError) return { kind: 'refused', code: error.code };
    return { kind: 'wrong', why: [String(error)] };
  }
}

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
    if (truth.sum !== undefined && data.length > 0) checkPixels(data, truth, check);
  } else if (truth.shape === null) check('pixels', hdu.shape.length === 0 || hdu.shape.includes(0), hdu.shape, 'none');
  return wrong;
}

/** astropy scales 16-bit images in single precision: seven digits. Everything else is the same number. */
function checkPixels(
  data: PixelData,
  truth: HduTruth,
  check: (what: string, ok: boolean, value: unknown, expected: unknown) => void,
): void {
  const found = statistics(data);
  const tolerance = truth.dtype === 'float32' ? 1e-6 : 1e-12;
  const near = (value: number, expected: number, relative: number): boolean =>
    Object.is(value, expected) || Math.abs(value - expected) <= relative * Math.abs(expected) + 1e-300;
  check('NaNs', found.nan === truth.nan, found.nan, truth.nan);
  check('sum', near(found.sum, truth.sum!, tolerance * 10), found.sum, truth.sum);
  if (found.nan < data.length) {
    check('minimum', near(found.min, truth.min!, tolerance), found.min, truth.min);
    check('maximum', near(found.max, truth.max!, tolerance), found.max, truth.max);
  }
  // the stored text has no NaN: null stands for it
  check('first', near(Number(data[0]), truth.first ?? NaN, tolerance), data[0], truth.first);
  check('last', near(Number(data.at(-1)), truth.last ?? NaN, tolerance), data.at(-1), truth.last);
}

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
