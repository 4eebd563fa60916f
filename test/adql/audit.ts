// What SQL made from a query may consist of. Anything else would be text of the query that got through.
import type { AdqlCatalog, CompiledQuery } from '#libs/adql';

const WORDS = new Set(
  `SELECT DISTINCT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET AS WITH UNION EXCEPT INTERSECT ALL ANY AND OR NOT IN IS NULL EXISTS BETWEEN LIKE ILIKE
  ESCAPE CASE WHEN THEN ELSE END CROSS JOIN LEFT RIGHT FULL ON TRUE FALSE DESC NULLS LAST ARRAY AT TIME ZONE COALESCE NULLIF GREATEST LEAST
  ST_SetSRID ST_MakePoint ST_MakePolygon ST_MakeLine ST_DWithin ST_Distance ST_Covers ST_Intersects ST_Boundary ST_Area ST_Centroid ST_X ST_Y ST_DumpPoints
  abs acos asin atan atan2 atan2d atand cos cosd cot degrees exp floor ceil ln log lower upper mod pi power radians random round sin sind sqrt tan tand trunc
  count sum avg min max string_agg bool_and array_to_string btrim cardinality generate_series plainto_tsquery regexp_split_to_array rpad string_to_array
  to_char to_tsvector int integer smallint bigint real float8 text boolean timestamptz geography geometry numeric cg ch a d geom h i k m s v w x y`.split(
    /\s+/,
  ),
);
const TEXTS = new Set([
  "''",
  "' '",
  "'#'",
  "'UTC'",
  "'simple'",
  "'[[:space:]]+'",
  "'-4.94065645841246544e-324'",
  `'YYYY-MM-DD"T"HH24:MI:SS.US'`,
]);
const TOKEN =
  /\s+|(\$\d+)(?=::)|("(?:[^"]|"")*")|('(?:[^']|'')*')|([A-Za-z_][A-Za-z0-9_]*)|(\d+(?:\.\d*)?(?:e[+-]?\d+)?)|(::|<=|>=|<>|\|\||>>|@@|[-+*/^%&|#~()[\],.<>=])/y;

/** The first thing in the SQL that neither the compiler nor the catalog can have put there; undefined when there is none. */
export function foreignText({ sql, parameters }: CompiledQuery, catalog: AdqlCatalog): string | undefined {
  const physical = new Set(['left']);
  for (const { sqlName, position, columns } of catalog.tables)
    for (const name of [
      sqlName,
      position?.geography,
      position?.hpx29,
      ...columns.flatMap((c) => [c.sqlName, c.geography]),
    ])
      if (name !== undefined) physical.add(name);
  const used = new Set<number>();
  for (let at = 0; at < sql.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(sql);
    if (!match) return sql.slice(at, at + 40);
    const [whole, parameter, quoted, text, word] = match;
    if (parameter) used.add(Number(parameter.slice(1)));
    if (quoted && !physical.has(quoted.slice(1, -1))) return whole;
    if (text && !TEXTS.has(text)) return whole;
    if (word && !WORDS.has(word) && !/^[tc]\d+$/.test(word)) return whole;
  }
  return used.size === parameters.length && [...used].every((number) => number >= 1 && number <= parameters.length)
    ? undefined
    : `${used.size} of ${parameters.length} parameters`;
}
