// Column descriptions of binary tables: TFORM, TDIM, TSCAL, TZERO, TNULL (FITS Standard 4.0, section 7.3).

import { FitsError } from './errors.js';
import type { Header } from './header.js';

export type FieldCode = 'L' | 'X' | 'B' | 'I' | 'J' | 'K' | 'A' | 'E' | 'D' | 'C' | 'M';

export interface FieldFormat {
  /** 1-based, as in TTYPEn */
  readonly number: number;
  readonly name: string;
  /** TFORMn as written */
  readonly form: string;
  readonly code: FieldCode;
  /** elements per cell; for variable-length fields the elements are in the heap */
  readonly repeat: number;
  readonly descriptor?: 'P' | 'Q';
  /** shape of the cell, fastest axis first */
  readonly dim?: readonly number[];
  /** byte offset in the row, and bytes in the row */
  readonly offset: number;
  readonly width: number;
  readonly tscal: number;
  readonly tzero: number;
  readonly tnull?: bigint;
  readonly unit?: string;
  readonly ucd?: string;
  readonly description?: string;
}

export const ELEMENT_BYTES: Readonly<Record<FieldCode, number>> = {
  L: 1,
  X: 1,
  B: 1,
  I: 2,
  J: 4,
  K: 8,
  A: 1,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
};

export const bytesOf = (code: FieldCode, elements: number): number =>
  code === 'X' ? Math.ceil(elements / 8) : elements * ELEMENT_BYTES[code];

export function parseTdim(text: string | undefined): number[] | undefined {
  const match = /^\s*\(\s*(\d+(?:\s*,\s*\d+)*)\s*\)\s*$/.exec(text ?? '');
  return match ? match[1]!.split(',').map(Number) : undefined;
}

/** All fields of a binary table; their widths must fit in the row. `prefix` serves compressed tables (ZFORMn). */
export function readFormats(header: Header, rowBytes: number, form = 'TFORM'): FieldFormat[] {
  const count = header.requireInteger('TFIELDS', 0, 999);
  const formats: FieldFormat[] = [];
  const names = new Set<string>();
  let offset = 0;
  const bad = (message: string, card: string, value?: unknown): FitsError =>
    new FitsError('BAD_TABLE', `${message} (HDU ${header.hdu ?? '?'})`, {
      ...(header.hdu !== undefined && { hdu: header.hdu }),
      card,
      value,
    });
  for (let n = 1; n <= count; n++) {
    const text = header.requireString(`${form}${n}`).trim();
    const match = /^(\d*)([LXBIJKAEDCMPQ])(.*)$/.exec(text);
    if (!match) throw bad(`${form}${n} = "${text}" is no column format`, `${form}${n}`, text);
    let repeat = match[1] === '' ? 1 : Number(match[1]);
    let code = match[2]! as FieldCode;
    let descriptor: 'P' | 'Q' | undefined;
    if (match[2] === 'P' || match[2] === 'Q') {
      const element = /^([LXBIJKAEDCM])/.exec(match[3]!);
      if (!element || repeat > 1) throw bad(`${form}${n} = "${text}" is no column format`, `${form}${n}`, text);
      descriptor = match[2];
      code = element[1] as FieldCode;
    }
    const width = descriptor ? repeat * (descriptor === 'P' ? 8 : 16) : bytesOf(code, repeat);
    if (descriptor) repeat = repeat === 0 ? 0 : 1;
    const given = header.getString(`TTYPE${n}`)?.trim() || `col${n}`;
    const name = names.has(given) ? `${given}_${n}` : given;
    names.add(name);
    const substring = code === 'A' && !descriptor && /^\d+$/.test(match[3]!) ? Number(match[3]) : 0;
    const dim =
      parseTdim(header.getString(`TDIM${n}`)) ??
      (substring > 0 && substring < repeat ? [substring, Math.floor(repeat / substring)] : undefined);
    const elements = dim?.reduce((total, axis) => total * axis, 1);
    if (dim && !descriptor && elements! > repeat)
      throw bad(`TDIM${n} = (${dim.join(',')}) has more elements than ${form}${n} = "${text}"`, `TDIM${n}`, dim);
    const tnull = 'BIJK'.includes(code) ? header.get(`TNULL${n}`) : undefined;
    const unit = header.getString(`TUNIT${n}`)?.trim();
    const ucd = header.getString(`TUCD${n}`)?.trim();
    const description =
      header.getString(`TCOMM${n}`) ?? header.getString(`TDOC${n}`) ?? header.comment(`TTYPE${n}`) ?? '';
    const scalable = !'LXA'.includes(code);
    formats.push({
      number: n,
      name,
      form: text,
      code,
      repeat,
      offset,
      width,
      tscal: scalable ? header.numberOr(`TSCAL${n}`, 1) : 1,
      tzero: scalable ? header.numberOr(`TZERO${n}`, 0) : 0,
      ...(descriptor && { descriptor }),
      ...(dim && { dim }),
      ...(typeof tnull === 'number' && Number.isInteger(tnull) && { tnull: BigInt(tnull) }),
      ...(typeof tnull === 'bigint' && { tnull }),
      ...(unit && { unit }),
      ...(ucd && { ucd }),
      ...(description && { description }),
    });
    offset += width;
  }
  if (offset > rowBytes) throw bad(`the columns need ${offset} bytes but a row has ${rowBytes}`, 'NAXIS1', rowBytes);
  return formats;
}
