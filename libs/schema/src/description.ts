// The shape of a table description: the one source of entities, tables in memory, Avro, GraphQL and TAP_SCHEMA.

/** char and string hold at most `length` characters; a point is a position on the sphere, known to the database only. */
export type Datatype =
  'boolean' | 'short' | 'int' | 'long' | 'float' | 'double' | 'char' | 'string' | 'text' | 'timestamp' | 'point';

export interface ColumnDescription {
  readonly name: string;
  readonly datatype: Datatype;
  readonly length?: number;
  readonly unit?: string;
  readonly ucd?: string;
  readonly nullable: boolean;
  readonly description: string;
  /** ours, not of the published schema: kept out of alert packets */
  readonly extra?: true;
}

export interface NamedColumns {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface TableDescription {
  readonly name: string;
  readonly description: string;
  /** where names, types and units were taken from */
  readonly source: string;
  readonly primaryKey: readonly string[];
  readonly indexes: readonly NamedColumns[];
  readonly uniques: readonly NamedColumns[];
  /** the columns of the position that `hpx29` and `geog` repeat for searches */
  readonly position?: { readonly ra: string; readonly dec: string };
  readonly columns: readonly ColumnDescription[];
}

/** Keeps the names of the columns as types, so that a misspelt one does not compile. */
export const defineTable = <const T extends TableDescription>(table: T): T => table;

interface ValueByDatatype {
  boolean: boolean;
  short: number;
  int: number;
  long: bigint;
  float: number;
  double: number;
  char: string;
  string: string;
  text: string;
  timestamp: Date;
  point: never;
}
type Columns<T extends TableDescription> = Exclude<T['columns'][number], { readonly datatype: 'point' }>;
export type ColumnName<T extends TableDescription> = Columns<T>['name'];
/** A row as plain data: 64-bit integers are bigint, a nullable column may be null. */
export type RowOf<T extends TableDescription> = {
  -readonly [C in Columns<T> as C['name']]:
    ValueByDatatype[C['datatype']] | (C['nullable'] extends true ? null : never);
};

export type SchemaErrorCode = 'NO_SUCH_COLUMN' | 'ID_OUT_OF_RANGE' | 'BAD_DESIGNATION';

export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  constructor(
    readonly code: SchemaErrorCode,
    message: string,
    readonly value: unknown,
  ) {
    super(message);
  }
}

export function columnOf(table: TableDescription, name: string): ColumnDescription {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (!column) throw new SchemaError('NO_SUCH_COLUMN', `table ${table.name} has no column ${name}`, name);
  return column;
}

/** The columns of the published schema alone, without our own. */
export const publishedColumns = (table: TableDescription): readonly ColumnDescription[] =>
  table.columns.filter((column) => !column.extra);
