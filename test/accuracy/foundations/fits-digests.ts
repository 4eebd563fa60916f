// Pixels and cells as digests, ours and astropy's in the same form, so that whole files are compared bit by bit.
// Images: the stored numbers of plain ones, the physical numbers of compressed ones, little-endian. Tables: each column of
// every so many rows as doubles (with one NaN), 64-bit integers, bytes or lines of text, with the lengths of variable cells.
import { createHash } from 'node:crypto';
import { type FitsField, type FitsHdu, type FitsTable, openFits, type PixelData } from '#libs/fits';
import type { Surroundings } from '../surroundings.js';

export interface HduDigest {
  readonly kind: 'image' | 'table';
  /** of an image */
  readonly pixels?: string;
  readonly dtype?: string;
  readonly rows?: number;
  /** of a table, column by column; null where astropy goes its own way (scaled columns, nulls of ASCII tables as 0) */
  readonly columns?: readonly (string | null)[];
}
/** null for an HDU that is neither, or that astropy cannot read */
export type FileDigest = readonly (HduDigest | null)[];

/** About this many cells of a table are looked at. */
const CELLS = 400_000;

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 20);
const bytesOf = (data: PixelData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

export async function digestsOf(path: string): Promise<FileDigest> {
  const file = await openFits(path);
  try {
    const found: (HduDigest | null)[] = [];
    for (const hdu of file.hdus) found.push(await digestOf(hdu));
    return found;
  } finally {
    await file.close();
  }
}

async function digestOf(hdu: FitsHdu): Promise<HduDigest | null> {
  if (hdu.kind === 'image' || hdu.kind === 'compressed-image') {
    if (hdu.shape.length === 0 || hdu.shape.includes(0)) return null;
    const { data } = await hdu.readImage({ raw: hdu.kind === 'image' });
    return { kind: 'image', pixels: digest(bytesOf(data)), dtype: dtypeOf(data) };
  }
  if (hdu.kind === 'other' || hdu.kind === 'random-groups') return null;
  const table = await hdu.readTable();
  return { kind: 'table', rows: table.rowCount, columns: table.fields.map((field) => columnDigest(table, field)) };
}

const dtypeOf = (data: PixelData): string =>
  data.constructor.name
    .replace(/Array$/, '')
    .replace(/^Big/, '')
    .toLowerCase();

function columnDigest(table: FitsTable, field: FitsField): string {
  const step = Math.max(1, Math.floor((table.rowCount * table.fields.length) / CELLS));
  const hash = createHash('sha256');
  const text = /^\d*[PQ]?A/.test(field.form);
  for (let row = 0; row < table.rowCount; row += step) {
    if (text) {
      const value = field.value(row);
      for (const line of Array.isArray(value) ? (value as string[]) : [String(value ?? '')])
        hash.update(Buffer.from(`${line}\n`, 'latin1'));
      continue;
    }
    const values = field.array(row);
    if (field.repeat === undefined) hash.update(`${values.length};`);
    if (values instanceof BigInt64Array || values instanceof BigUint64Array)
      hash.update(bytesOf(BigInt64Array.from(values, (value) => BigInt.asIntN(64, value))));
    else if (values instanceof Float32Array || values instanceof Float64Array)
      hash.update(bytesOf(Float64Array.from(values, (value) => (Number.isNaN(value) ? NaN : value))));
    else if (/L|X/.test(field.form))
      hash.update(bytesOf(Uint8Array.from(values as Uint8Array, (v) => (v === 1 ? 1 : 0))));
    else hash.update(bytesOf(BigInt64Array.from(values as Int32Array, (value) => BigInt(value))));
  }
  return hash.digest('hex').slice(0, 20);
}

const ASTROPY = `
import hashlib, json, re, sys, warnings
import numpy as np
from astropy.io import fits
warnings.simplefilter('ignore')
CELLS = ${CELLS}

def native(a):
    a = np.ascontiguousarray(a)
    return a.astype(a.dtype.newbyteorder('<'))

def sha(b): return hashlib.sha256(b).hexdigest()[:20]

def numbers(a):
    a = np.asarray(a)
    if a.dtype.kind == 'b': return a.astype('u1').tobytes()
    if a.dtype.kind in 'iu': return a.astype('<i8').tobytes()
    if a.dtype.kind == 'c': a = np.ascontiguousarray(a.astype('c16')).view('f8')
    a = a.astype('<f8')
    a[np.isnan(a)] = np.nan
    return a.tobytes()

def text(a):
    lines = (s.decode('latin1') if isinstance(s, bytes) else str(s) for s in np.asarray(a).ravel())
    return b''.join(s.split('\\0')[0].rstrip(' ').encode('latin1') + b'\\n' for s in lines)

def column(data, columns, i, step):
    c = columns[i]
    unsigned = c.bscale in ('', None, 1) and c.bzero in (2**15, 2**31, 2**63, -128)
    scaled = (c.bscale not in ('', None, 1) or c.bzero not in ('', None, 0)) and not unsigned
    if scaled or (isinstance(columns, fits.column._AsciiColDefs) and c.null): return None
    variable = re.search('[PQ]', c.format)
    h = hashlib.sha256()
    field = data.field(i)
    if 'A' in c.format and not variable: field = np.asarray(field)  # chararray would strip all white space
    for row in range(0, len(data), step):
        cell = field[row]
        if 'A' in c.format:
            h.update(text(''.join(cell) if variable else cell))
            continue
        if variable and 'L' in c.format: cell = np.asarray(cell) == 84
        if variable: h.update(b'%d;' % (len(cell) * (2 if re.search('[PQ][CM]', c.format) else 1)))
        h.update(numbers(cell))
    return h.hexdigest()[:20]

def digest(hdu, shut):
    if isinstance(hdu, fits.GroupsHDU) or type(hdu).__name__.startswith('_'): return None
    if isinstance(hdu, fits.CompImageHDU):
        return {'kind': 'image', 'pixels': sha(native(hdu.data).tobytes()), 'dtype': hdu.data.dtype.name}
    if hdu.is_image:
        if shut.data is None or shut.data.size == 0: return None
        return {'kind': 'image', 'pixels': sha(native(shut.data).tobytes()), 'dtype': shut.data.dtype.name}
    n = len(hdu.data)
    step = max(1, (n * len(hdu.columns)) // CELLS)
    return {'kind': 'table', 'rows': n, 'columns': [column(hdu.data, hdu.columns, i, step) for i in range(len(hdu.columns))]}

answers = []
for path in json.load(sys.stdin):
    answer = []
    try:
        with fits.open(path, memmap=False) as f, fits.open(path, memmap=False, do_not_scale_image_data=True) as g:
            for hdu, shut in zip(f, g):
                try: answer.append(digest(hdu, shut))
                except Exception as e: answer.append(None)
    except Exception: answer = None
    answers.append(answer)
print(json.dumps(answers))`;

/** What astropy finds in the same files; null for a file that it cannot open. */
export async function astropyDigests(around: Surroundings, paths: readonly string[]): Promise<(FileDigest | null)[]> {
  return JSON.parse((await around.python(ASTROPY, JSON.stringify(paths))).toString()) as (FileDigest | null)[];
}
