// The ADQL compiler: damaged queries are refused with AdqlError, or become SQL that holds nothing of the query's own text.
import { AdqlError, compileAdql } from '#libs/adql';
import { foreignText } from '../adql/audit.js';
import { GEOMETRY_CASES } from '../adql/geometry-cases.js';
import { LANGUAGE_CASES } from '../adql/language-cases.js';
import { CATALOG, FORBIDDEN } from '../adql/tables.js';
import type { Edit, FuzzTarget } from './fuzz-target.js';
import type { Random } from './random.js';

const QUERIES = [...Object.values(LANGUAGE_CASES), ...Object.values(GEOMETRY_CASES)]
  .flat()
  .map(([adql]) => adql)
  .filter((adql) => adql.length < 2000);

export const adqlTarget: FuzzTarget = {
  name: 'adql',
  seeds: () => QUERIES.map((query) => Buffer.from(query)),
  edits: [
    swapTokens,
    doubleToken,
    dropToken,
    borrowTokens,
    borrowTokens,
    insertHostile,
    nest,
    namesOfOthers,
    otherName,
    otherName,
    swapNames,
    swapNames,
  ],
  attempt(bytes) {
    const query = compileAdql(Buffer.from(bytes).toString('utf8'), CATALOG, { maxRows: 100 });
    const foreign = foreignText(query, CATALOG);
    if (foreign !== undefined) throw new Error(`the SQL holds ${foreign}: ${query.sql.slice(0, 500)}`);
  },
  isTyped: (error) => error instanceof AdqlError,
};

const TOKEN = /\s+|[A-Za-z_]\w*|\d+(?:\.\d+)?|'[^']*'|"[^"]*"|<=|>=|<>|!=|\|\||./gsu;
const tokensOf = (bytes: Uint8Array): string[] => Buffer.from(bytes).toString('utf8').match(TOKEN) ?? [];
const bytesOf = (tokens: readonly string[]): Uint8Array => Buffer.from(tokens.join(''));

function edit(change: (tokens: string[], random: Random) => void): Edit {
  return (bytes, random) => {
    const tokens = tokensOf(bytes);
    if (tokens.length === 0) return bytes;
    change(tokens, random);
    return bytesOf(tokens);
  };
}

function swapTokens(bytes: Uint8Array, random: Random): Uint8Array {
  return edit((tokens) => {
    const [i, j] = [random.below(tokens.length), random.below(tokens.length)];
    [tokens[i], tokens[j]] = [tokens[j]!, tokens[i]!];
  })(bytes, random);
}
function doubleToken(bytes: Uint8Array, random: Random): Uint8Array {
  return edit((tokens) => {
    const at = random.below(tokens.length);
    tokens.splice(at, 0, tokens[at]!, ' ');
  })(bytes, random);
}
function dropToken(bytes: Uint8Array, random: Random): Uint8Array {
  return edit((tokens) => void tokens.splice(random.below(tokens.length), 1 + random.below(3)))(bytes, random);
}
/** a stretch of another query in the place of one here */
function borrowTokens(bytes: Uint8Array, random: Random): Uint8Array {
  return edit((tokens) => {
    const other = tokensOf(Buffer.from(random.pick(QUERIES)));
    const from = random.below(other.length);
    tokens.splice(random.below(tokens.length), random.below(8), ...other.slice(from, from + 1 + random.below(12)));
  })(bytes, random);
}

const HOSTILE = [
  "'; DROP TABLE p_obj; --",
  "' OR '1'='1",
  '"; SELECT 1; --',
  '" || pg_sleep(10) || "',
  "\\'",
  '$1',
  '$$x$$',
  "E'\\047'",
  'U&"\\0061"',
  '/*',
  '*/',
  '\u0000',
  '\u00a0',
  '\u2019',
  '；',
  'pg_sleep(10)',
  'pg_read_file(1)',
  'current_setting(1)',
  'pg_catalog.pg_user',
  'information_schema.tables',
  ' UNION SELECT rolpassword FROM pg_authid',
  '::text',
  ' INTO t',
  ' FOR UPDATE',
  ' RETURNING 1',
  '9'.repeat(50),
  '1e999',
  ' LIMIT 1',
  ';',
];
function insertHostile(bytes: Uint8Array, random: Random): Uint8Array {
  return edit((tokens) => void tokens.splice(random.below(tokens.length + 1), 0, random.pick(HOSTILE)))(bytes, random);
}

function nest(bytes: Uint8Array, random: Random): Uint8Array {
  return edit((tokens) => {
    const [a, b] = [random.below(tokens.length), random.below(tokens.length)].sort((x, y) => x - y) as [number, number];
    const times = 1 + random.below(random.next() < 0.1 ? 200 : 3);
    tokens.splice(b + 1, 0, ')'.repeat(times));
    tokens.splice(a, 0, random.pick(['(', 'NOT (', 'ABS(', '-(', '(SELECT 1 FROM Band WHERE ']).repeat(times));
  })(bytes, random);
}

const OWN_NAMES = [...new Set(QUERIES.flatMap((query) => query.match(/[A-Za-z_]\w*/g) ?? []))];
function otherName(bytes: Uint8Array, random: Random): Uint8Array {
  return edit((tokens) => {
    const names = tokens.flatMap((token, at) => (/^[A-Za-z"]/.test(token) ? [at] : []));
    if (names.length > 0) tokens[random.pick(names)] = random.pick(OWN_NAMES);
  })(bytes, random);
}
function swapNames(bytes: Uint8Array, random: Random): Uint8Array {
  return edit((tokens) => {
    const names = tokens.flatMap((token, at) => (/^[A-Za-z"'\d]/.test(token) ? [at] : []));
    if (names.length === 0) return;
    const [i, j] = [random.pick(names), random.pick(names)];
    [tokens[i], tokens[j]] = [tokens[j]!, tokens[i]!];
  })(bytes, random);
}

const NAMES = [
  FORBIDDEN.table,
  FORBIDDEN.column,
  'p_obj',
  'p_id',
  'p_geog',
  'public.p_secret',
  '"p_secret"',
  'cat.p_secret',
  't1',
  'c1',
  't2.c1',
  'Obj.p_hidden',
  'pg_class',
];
function namesOfOthers(bytes: Uint8Array, random: Random): Uint8Array {
  return edit((tokens) => {
    const names = tokens.flatMap((token, at) => (/^[A-Za-z"]/.test(token) ? [at] : []));
    if (names.length > 0) tokens[random.pick(names)] = random.pick(NAMES);
  })(bytes, random);
}
