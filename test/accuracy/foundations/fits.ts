// FITS: every stored file against the stored truth and, bit by bit, against astropy; files that other programs write; our own.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Surroundings } from '../surroundings.js';
import type { Measurement, TruthCase } from '../truth-case.js';
import { astropyDigests, digestsOf } from './fits-digests.js';
import { judgeFile, storedTruth } from './fits-truth.js';
import { fitsWritten } from './fits-written.js';

const room = 'fits';
const FOLDERS = ['8_fits', '1_raw_ccd', '3_coadd_astrometry', '9_vo_hips_moc'] as const;

/** A line of the table of files: tried, right, refused by code; the value is what is neither. */
async function judgeFolder(around: Surroundings, folder: string): Promise<Measurement> {
  const truth = storedTruth(around.data(), folder);
  const refused = new Map<string, number>();
  const wrong: string[] = [];
  let right = 0;
  for (const [path, hdus] of truth) {
    const verdict = await judgeFile(around.data(path), hdus);
    if (verdict.kind === 'right') right++;
    else if (verdict.kind === 'refused') refused.set(verdict.code, (refused.get(verdict.code) ?? 0) + 1);
    else wrong.push(`${path}: ${verdict.why[0]}`);
  }
  const codes = [...refused].map(([code, times]) => `${code} ${times}`).join(', ');
  const refusals = truth.length - right - wrong.length;
  const note = `tried ${truth.length}, right ${right}, refused ${refusals}${codes && ` (${codes})`}${wrong.length ? `; ${wrong[0]}` : ''}`;
  return { value: wrong.length, note };
}

/** Counts images and columns that differ. What only one of the two can read is counted in the note. */
async function compareDigests(around: Surroundings, paths: readonly string[]): Promise<Measurement> {
  const theirs = await astropyDigests(around, paths);
  let compared = 0;
  let oursAlone = 0;
  const differing: string[] = [];
  const compare = (what: string, ours: unknown, other: unknown): void => {
    if (other === null || other === undefined) return void oursAlone++;
    compared++;
    if (ours !== other) differing.push(what);
  };
  for (const [k, path] of paths.entries()) {
    const ours = await digestsOf(path);
    ours.forEach((hdu, i) => {
      const other = theirs[k]?.[i];
      if (!hdu) return;
      if (!other || other.kind !== hdu.kind) oursAlone++;
      else if (hdu.kind === 'image') compare(`${path}[${i}]`, hdu.pixels, other.pixels);
      else {
        compare(`${path}[${i}] rows`, hdu.rows, other.rows);
        hdu.columns!.forEach((column, c) => compare(`${path}[${i}] column ${c + 1}`, column, other.columns?.[c]));
      }
    });
  }
  const note = `${compared} images and columns of ${paths.length} files; ${oursAlone} more that astropy does not read as they are`;
  return { value: differing.length, note: differing.length ? `${note}; ${differing[0]}` : note };
}

function fitsFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(fits?|fits\.gz|fits\.fz|xyls)$/.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

/** Compressed images of each algorithm and kind, and tables, as astropy and the cfitsio inside it write them. */
const BY_ASTROPY = `
import sys
import numpy as np
from astropy.io import fits
out = sys.stdin.read()
rng = np.random.default_rng(5)
y, x = np.mgrid[:53, :71]
sky = 200 + 900 * np.exp(-((x - 30) ** 2 + (y - 20) ** 2) / 40) + rng.normal(0, 6, (53, 71))
n = 0
def write(*hdus):
    global n
    n += 1
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(f'{out}/by-astropy-{n}.fits', overwrite=True)
    print(f'{out}/by-astropy-{n}.fits')
for kind in ('RICE_1', 'GZIP_1', 'GZIP_2', 'PLIO_1', 'HCOMPRESS_1'):
    for dtype in ('u1', 'i2', 'u2', 'i4'):
        if kind == 'PLIO_1' and dtype == 'u2': continue
        data = np.clip(sky / 5 if dtype == 'u1' else sky, 0, 250 if dtype == 'u1' else 30000).astype(dtype)
        write(fits.CompImageHDU(data, compression_type=kind, tile_size=[32, 24]))
    if kind == 'PLIO_1': continue
    for dither in (-1, 1, 2):
        data = sky.astype('f4')
        data[::7, ::5] = np.nan
        data[3::9, 1::4] = 0
        if kind == 'HCOMPRESS_1': data = sky.astype('f4')
        write(fits.CompImageHDU(data, compression_type=kind, quantize_method=dither, dither_seed=77, quantize_level=8, tile_size=[71, 24]))
        write(fits.CompImageHDU(data.astype('f8'), compression_type=kind, quantize_method=dither, dither_seed=9, quantize_level=8, tile_size=[71, 53]))
for scale in (0, 4, 20):
    for smooth in (0, 1):
        write(fits.CompImageHDU(sky.astype('i4'), compression_type='HCOMPRESS_1', hcomp_scale=scale, hcomp_smooth=smooth, tile_size=[71, 27]))
for bscale, bzero in ((1, 0), (0.5, 100), (-2, 3)):
    write(fits.ImageHDU(sky.astype('i2')), fits.ImageHDU((sky * 1000).astype('i8')), fits.ImageHDU(sky))
rows = 300
def cells(dtype): return np.array([(np.arange((i * 7) % 11) * 3 + i).astype(dtype) for i in range(rows)] + [None], dtype=object)[:-1]
C = fits.Column
write(fits.BinTableHDU.from_columns([
    C('K', 'K', array=rng.integers(-2**62, 2**62, rows)), C('U', 'J', bzero=2**31, array=rng.integers(0, 2**32, rows).astype('u4')),
    C('D', 'D', array=rng.normal(size=rows)), C('M', 'M', array=rng.normal(size=rows) + 1j), C('X', '11X', array=rng.integers(0, 2, (rows, 11)).astype(bool)),
    C('L', 'L', array=rng.integers(0, 2, rows).astype(bool)), C('V', '6E', dim='(3,2)', array=rng.normal(size=(rows, 2, 3)).astype('f4')),
    C('S', '7A', array=np.array(['row %d' % (i % 40) for i in range(rows)])), C('PJ', 'PJ()', array=cells('i4')), C('QD', 'QD()', array=cells('f8')),
    C('PI', 'PI()', array=cells('i2')), C('PB', 'PB()', array=cells('u1')), C('QK', 'QK()', array=cells('i8')), C('PE', 'PE()', array=cells('f4'))]))`;

async function byAstropy(around: Surroundings): Promise<string[]> {
  return (await around.python(BY_ASTROPY, around.scratch())).toString().trim().split('\n');
}

/** The same table before and after fpack: columns that differ. */
async function compressedTable(around: Surroundings): Promise<Measurement> {
  const table = (await byAstropy(around)).at(-1)!;
  await around.run('fpack', ['-table', '-O', around.scratch('table.fits.fz'), table]);
  const [before, after] = [(await digestsOf(table))[1]!, (await digestsOf(around.scratch('table.fits.fz')))[1]!];
  const differing = before.columns!.filter((column, i) => column !== after.columns![i]).length;
  return {
    value: differing + (before.rows === after.rows ? 0 : 1),
    note: `${before.columns!.length} columns, 6 of variable length`,
  };
}

export const fits: readonly TruthCase[] = [
  ...FOLDERS.map((folder): TruthCase => ({
    room,
    name: `files of ${folder} neither right nor refused`,
    truth: 'astropy 8.0.1, stored with the data',
    limit: 0,
    unit: '',
    needs: ['data'],
    measure: (around) => judgeFolder(around, folder),
  })),
  {
    room,
    name: 'stored files: images and columns with other bits',
    truth: 'astropy of this machine',
    limit: 0,
    unit: '',
    needs: ['data', 'python:astropy'],
    measure: (around) =>
      compareDigests(
        around,
        FOLDERS.flatMap((folder) => fitsFiles(around.data(folder))),
      ),
  },
  {
    room,
    name: 'files by astropy, each compression: images and columns with other bits',
    truth: 'astropy and cfitsio of this machine',
    limit: 0,
    unit: '',
    needs: ['python:astropy'],
    measure: async (around) => compareDigests(around, await byAstropy(around)),
  },
  {
    room,
    name: 'columns of a table that differ after fpack',
    truth: 'fpack (cfitsio) of this machine',
    limit: 0,
    unit: '',
    needs: ['python:astropy', 'command:fpack'],
    measure: compressedTable,
  },
  ...fitsWritten,
];
