// Tables in one plain form, ours and other programs', so that cells can be compared: integers as decimal text, floats as
// numbers, arrays flat and fastest axis first. Missing values, NaN, empty text and arrays of nothing else are all null,
// since the formats and programs tell them apart differently.
import type { Table, VotableField } from '#libs/table';

export type Cell = string | number | boolean | null | readonly Cell[];
export interface PlainTable {
  readonly fields: number;
  readonly rows: readonly (readonly Cell[])[];
}

export function plainRows(table: Table, fields: readonly VotableField[]): PlainTable {
  const columns = fields.map(({ name, column = name }) => plainColumn(table, column));
  return {
    fields: fields.length,
    rows: Array.from({ length: table.rowCount }, (_, row) => columns.map((cell) => cell(row))),
  };
}

function plainColumn(table: Table, name: string): (row: number) => Cell {
  if (!table.hasArray(name)) {
    const floating = ['double', 'float'].includes(table.column(name).type);
    return (row) => plain(table.value(name, row), floating);
  }
  const { element, offsets, elementNulls } = table.arrayColumn(name);
  const floating = element.startsWith('double') || element.startsWith('float');
  return (row) => {
    const cell = table.cell(name, row);
    if (!cell) return null;
    const flat = Array.from<unknown>(cell).map((value, k) =>
      elementNulls?.[offsets[row]! + k] ? null : plain(element === 'boolean' ? value === 1 : value, floating),
    );
    return flat.every((value) => value === null) ? null : flat;
  };
}

function plain(value: unknown, floating: boolean): Cell {
  if (value === null || value === '' || Number.isNaN(value)) return null;
  if (typeof value === 'bigint' || (typeof value === 'number' && !floating)) return String(value);
  if (value === Infinity || value === -Infinity) return value > 0 ? 'inf' : '-inf';
  return value as Cell;
}

/** As readers see floats that were written in decimals: rounded to float again. */
export function floatsRounded(table: PlainTable, fields: readonly VotableField[]): PlainTable {
  const isFloat = fields.map(({ datatype }) => datatype.startsWith('float'));
  const rounded = (cell: Cell): Cell =>
    typeof cell === 'number' ? Math.fround(cell) : Array.isArray(cell) ? (cell as Cell[]).map(rounded) : cell;
  return { ...table, rows: table.rows.map((row) => row.map((cell, k) => (isFloat[k] ? rounded(cell) : cell))) };
}

export const textTrimmed = (table: PlainTable): PlainTable => ({
  ...table,
  rows: table.rows.map((row) => row.map((cell) => (typeof cell === 'string' ? cell.trim() || null : cell))),
});

/** How many cells differ, with the first of them. */
export function differingCells(ours: PlainTable, theirs: PlainTable): { cells: number; differ: number; first: string } {
  let differ = Math.abs(ours.rows.length - theirs.rows.length) * ours.fields;
  let first = differ > 0 ? `${ours.rows.length} rows, theirs ${theirs.rows.length}` : '';
  ours.rows.forEach((row, i) => {
    row.forEach((cell, k) => {
      const [a, b] = [JSON.stringify(cell), JSON.stringify(theirs.rows[i]?.[k] ?? null)];
      if (a === b) return;
      differ++;
      first ||= `row ${i} field ${k}: ${a.slice(0, 60)}, theirs ${b.slice(0, 60)}`;
    });
  });
  return { cells: ours.rows.length * ours.fields, differ, first };
}

/** Prints tables in the plain form; `tables` is a list of lists of columns, each a sequence of cells. */
export const PYTHON_PLAIN = `
import json, math, sys, warnings
warnings.simplefilter('ignore')
import numpy as np
def num(v):
    v = float(v)
    return None if math.isnan(v) else ('inf' if v > 0 else '-inf') if math.isinf(v) else v
def flat(v):
    if v is None or v is np.ma.masked: return [None]
    if isinstance(v, np.ndarray) and v.ndim == 0: v = v.item()
    if isinstance(v, (list, tuple, np.ndarray)):
        return [x for one in v for x in flat(one)]
    if isinstance(v, (complex, np.complexfloating)): return [num(v.real), num(v.imag)]
    return [cell(v)]
def cell(v):
    if v is None or v is np.ma.masked: return None
    if isinstance(v, bytes): v = v.decode()
    if isinstance(v, str): return v or None
    if isinstance(v, (bool, np.bool_)): return bool(v)
    if isinstance(v, (int, np.integer)): return str(int(v))
    if isinstance(v, (float, np.floating)): return num(v)
    values = flat(v)
    return None if all(x is None for x in values) else values
def plain(tables):
    return [{'fields': len(columns), 'rows': [[cell(v) for v in row] for row in zip(*columns)]} for columns in tables]
def show(tables):
    sys.stdout.write(json.dumps(plain(tables)))
`;

const ASTROPY_READ = `${PYTHON_PLAIN}
from astropy.io.votable import parse
def columns(table):
    return [[table.array[field.ID][i] for i in range(len(table.array))] for field in table.fields]
`;

/** The tables of a VOTable as astropy reads them. */
export const ASTROPY_VOTABLE = `${ASTROPY_READ}
show([columns(t) for t in parse(sys.argv[1]).iter_tables()])
`;

/** Those of many, null for each that astropy refuses. */
export const ASTROPY_VOTABLES = `${ASTROPY_READ}
def tables(path):
    try:
        return plain([columns(t) for t in parse(path).iter_tables()])
    except Exception:
        return None
sys.stdout.write(json.dumps([tables(path) for path in sys.argv[1:]]))
`;
