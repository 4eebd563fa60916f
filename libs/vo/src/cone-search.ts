// Simple Cone Search 1.03 as a query: one table with a position and an identifier, all else is up to VERB.

import type { VotableField } from '#libs/table';
import type { DaliParameters } from './dali.js';
import { VoError } from './vo-error.js';
import type { VoColumn, VoTable, VoTableset } from './vo-table.js';
import { qualifiedName } from './vo-table.js';

export interface ConeQuery {
  readonly adql: string;
  readonly maxRows: number;
  /** UCDs by which a client finds the three columns that it needs */
  readonly asField: (field: VotableField) => VotableField;
}

/** Tables that can be searched, by the last part of their address. */
export function coneTables({ tables }: VoTableset): ReadonlyMap<string, VoTable> {
  return new Map(
    tables
      .filter((table) => table.position !== undefined && keyOf(table) !== undefined)
      .map((table) => [table.name.toLowerCase(), table]),
  );
}

/** The column that identifies a row. */
const keyOf = (table: VoTable): VoColumn | undefined =>
  table.columns.find(({ principal, ucd, indexed }) => principal && indexed && ucd?.startsWith('meta.id'));

const number = (parameters: DaliParameters, name: string, minimum: number, maximum: number): number => {
  const given = parameters.require(name);
  const value = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(given) ? Number(given) : NaN;
  if (!(value >= minimum && value <= maximum))
    throw new VoError(
      'BAD_PARAMETER',
      `${name} is a number of degrees from ${minimum} to ${maximum}, not '${given}'`,
      given,
    );
  return value;
};

function columnsOf(table: VoTable, key: VoColumn, verbosity: number): readonly string[] {
  const { ra, dec } = table.position!;
  const others = table.columns.filter(
    ({ name, principal }) => ![key.name, ra, dec].includes(name) && (verbosity >= 3 || (verbosity === 2 && principal)),
  );
  return [ra, dec, ...others.map(({ name }) => name)];
}

const delimited = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export function coneQuery(
  table: VoTable,
  parameters: DaliParameters,
  limits: { readonly defaultRows: number; readonly maximumRows: number },
): ConeQuery {
  const ra = number(parameters, 'RA', 0, 360);
  const dec = number(parameters, 'DEC', -90, 90);
  const radius = number(parameters, 'SR', 0, 180);
  const verbosity = parameters.integer('VERB', 1) ?? 2;
  if (verbosity > 3) throw new VoError('BAD_PARAMETER', `VERB is 1, 2 or 3, not ${verbosity}`, verbosity);
  const key = keyOf(table)!;
  const position = table.position!;
  const columns = columnsOf(table, key, verbosity).map((name) => `t.${delimited(name)}`);
  const separation = `DISTANCE(t.${delimited(position.ra)}, t.${delimited(position.dec)}, ${ra}, ${dec})`;
  return {
    adql:
      `SELECT CAST(t.${delimited(key.name)} AS VARCHAR) AS ${delimited(key.name)}, ${columns.join(', ')} ` +
      `FROM ${qualifiedName(table)} AS t WHERE ${separation} <= ${radius} ORDER BY ${separation}`,
    // a radius of zero asks what the answers look like
    maxRows: radius === 0 ? 0 : Math.min(parameters.integer('MAXREC') ?? limits.defaultRows, limits.maximumRows),
    asField: (field) => {
      if (field.name === key.name) return { ...field, ucd: 'meta.id;meta.main', description: key.description };
      if (field.name === position.ra) return { ...field, ucd: 'pos.eq.ra;meta.main' };
      if (field.name === position.dec) return { ...field, ucd: 'pos.eq.dec;meta.main' };
      return field.ucd?.endsWith(';meta.main') ? { ...field, ucd: field.ucd.replace(/;meta\.main$/, '') } : field;
    },
  };
}
