import type { CompiledQuery, SqlParameter } from './catalog.js';

/**
 * The query as one statement without parameters, for COPY (query) TO STDOUT, which takes none. Texts are written so that
 * nothing of them can be read as anything else: letters, digits and blanks as they are, every other character as its code.
 */
export function standaloneSql({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): string {
  return sql.replace(/\$(\d+)::/g, (_, digits: string) => `${literal(parameters[Number(digits) - 1]!)}::`);
}

function literal(value: SqlParameter): string {
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  return text(typeof value === 'object' ? arrayText(value) : String(value));
}

const arrayText = (values: readonly (string | number | bigint | null)[]): string =>
  `{${values.map((value) => (value === null ? 'NULL' : `"${String(value).replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;

const text = (value: string): string =>
  `E'${value.replace(/[^A-Za-z0-9 ]/gu, (character) => `\\U${character.codePointAt(0)!.toString(16).padStart(8, '0')}`)}'`;
