// What a user may see: the only tables, columns and physical names that a compiled query can mention.

/** VOTable datatypes, and `timestamp` for what PostgreSQL keeps as timestamp with time zone. */
export type AdqlDatatype =
  'boolean' | 'unsignedByte' | 'short' | 'int' | 'long' | 'float' | 'double' | 'char' | 'unicodeChar' | 'timestamp';

/**
 * A column on offer. The database holds: boolean, smallint (unsignedByte, short), integer, bigint, real, double precision,
 * text or varchar (char, unicodeChar), timestamptz (timestamp), arrays of these where `arraysize` says so. With xtype
 * `point` (ra, dec), `circle` (ra, dec, radius) or `polygon` (ra, dec, ra, dec, ...) it holds double precision[] in degrees.
 */
export interface AdqlColumn {
  readonly name: string;
  readonly datatype: AdqlDatatype;
  readonly arraysize?: string;
  readonly xtype?: string;
  readonly unit?: string;
  readonly ucd?: string;
  readonly utype?: string;
  readonly description?: string;
  /** the physical column, as it is called (the compiler quotes it) */
  readonly sqlName: string;
  /** trusted SQL in the place of the physical column; `{table}` stands for the alias of its table */
  readonly sqlExpression?: string;
  /** physical column with the same region as an indexed geography (for xtype point, polygon, or any region as text) */
  readonly geography?: string;
  /** false: never NULL, so that ORDER BY can use an index in both directions */
  readonly nullable?: boolean;
}

export interface AdqlTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly AdqlColumn[];
  readonly description?: string;
  /** the physical table or view, as it is called (the compiler quotes it) */
  readonly sqlName: string;
  /** physical schema; without it the search path decides */
  readonly sqlSchema?: string;
  /** names of the columns of the table's main position [deg, ICRS], physical names of its search columns */
  readonly position?: {
    readonly ra: string;
    readonly dec: string;
    /** geography(Point, 4326) with a GiST index */
    readonly geography?: string;
    /** bigint, nested HEALPix index of order 29, with a btree index */
    readonly hpx29?: string;
  };
}

/** Every table this user may see; uploads are tables of schema TAP_UPLOAD. */
export interface AdqlCatalog {
  readonly tables: readonly AdqlTable[];
  /** where names without schema are looked for first */
  readonly defaultSchema?: string;
}

/** A column of a query's result, in VOTable terms. */
export interface ResultColumn {
  /** unique in the result: the alias, the column's declared name, or the function's */
  readonly name: string;
  readonly datatype: AdqlDatatype;
  readonly arraysize?: string;
  readonly xtype?: string;
  readonly unit?: string;
  readonly ucd?: string;
  readonly utype?: string;
  readonly description?: string;
  /** the column's name in the SQL result: c1, c2, ... */
  readonly sqlName: string;
  /** the table's column it is, unchanged */
  readonly source?: { readonly table: AdqlTable; readonly column: AdqlColumn };
}

export interface CompiledQuery {
  /** PostgreSQL with PostGIS; parameters are $1, $2, ... with a cast at every use */
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
  readonly columns: readonly ResultColumn[];
  /** the LIMIT in force: TOP n, or maxRows + 1. More than maxRows rows in the answer mean overflow */
  readonly limit?: number;
  /** every table that is read */
  readonly tables: readonly AdqlTable[];
}

/** Arrays are PostgreSQL arrays. Integers beyond 2^53 are bigint. */
export type SqlParameter = string | number | bigint | boolean | readonly (string | number | bigint | null)[];
