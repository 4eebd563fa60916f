// What the compiler knows about an expression: its SQL, type and metadata.

import type { AdqlColumn, AdqlDatatype, AdqlTable } from './catalog.js';
import type { Span } from './error.js';
import type { Shape } from './shape.js';

/** Types as expressions see them. `array` is any other array; `region` a region of unknown form, known by its geography. */
export type Kind =
  | 'short'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'text'
  | 'boolean'
  | 'timestamp'
  | 'point'
  | 'circle'
  | 'polygon'
  | 'region'
  | 'array'
  | 'null';

/** What VOTable says of a column. */
export interface Metadata {
  readonly datatype: AdqlDatatype;
  readonly arraysize?: string;
  readonly xtype?: string;
  readonly unit?: string;
  readonly ucd?: string;
  readonly utype?: string;
  readonly description?: string;
}

/** A column of something in a FROM clause. */
export interface ScopeColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly metadata: Metadata;
  readonly sql: string;
  readonly item: FromItem;
  /** becomes true on the far side of an outer join */
  nullable: boolean;
  /** an indexed geography of the same region */
  readonly geography?: string;
  readonly source?: { readonly table: AdqlTable; readonly column: AdqlColumn };
}

/** A table, subquery or common table in a FROM clause, under the name it can be addressed by. */
export interface FromItem {
  readonly name: string;
  /** declared as "Name": matched with its case */
  readonly delimited: boolean;
  /** the table, when no alias hides its qualified name */
  readonly table?: AdqlTable;
  readonly columns: ScopeColumn[];
  /** the position columns and what PostgreSQL can search them by */
  position?: { readonly ra: ScopeColumn; readonly dec: ScopeColumn; geography?: string; hpx29?: string };
}

/** A column that a grouped query may only use inside an aggregate, unless an expression around it is grouped. */
export interface LooseColumn {
  readonly column: ScopeColumn;
  readonly span: Span;
  /** the scope it was found in */
  readonly scope: object;
}

export interface Value {
  readonly kind: Kind;
  /** SQL that can stand as an operand of anything */
  readonly sql: string;
  readonly span: Span;
  /** short, free of side effects and cheap: may be repeated */
  readonly atom?: boolean;
  /** a number known now */
  readonly constant?: number;
  /** the same, when it is a whole number */
  readonly integer?: bigint;
  /** a text known now */
  readonly text?: string;
  readonly column?: ScopeColumn;
  readonly metadata?: Partial<Metadata>;
  readonly loose: readonly LooseColumn[];
  /** contains an aggregate of this query */
  readonly aggregate: boolean;
  /** a search condition rather than a value */
  readonly condition?: boolean;
  /** CONTAINS and INTERSECTS: the bare condition of which `sql` is the 0 or 1 */
  readonly truth?: string;
  /** DISTANCE: the condition that this is surely true when the distance is at most `limit` (a value in degrees), from an index */
  readonly within?: (limit: Value) => string | undefined;
  readonly shape?: Shape;
  /** a name to go by in a result */
  readonly name?: string;
}

const NUMERIC_RANK: Partial<Record<Kind, number>> = { short: 1, int: 2, long: 3, float: 4, double: 5 };

export const isNumeric = (kind: Kind): boolean => NUMERIC_RANK[kind] !== undefined;
export const isInteger = (kind: Kind): boolean => kind === 'short' || kind === 'int' || kind === 'long';
export const isGeometry = (kind: Kind): boolean =>
  kind === 'point' || kind === 'circle' || kind === 'polygon' || kind === 'region';

/** The type of a sum: the wider one; an integer beside a float makes a double, as in PostgreSQL. */
export function widest(a: Kind, b: Kind): Kind {
  if (a === b) return a;
  if ((a === 'float' && isInteger(b)) || (b === 'float' && isInteger(a))) return 'double';
  return NUMERIC_RANK[a]! > NUMERIC_RANK[b]! ? a : b;
}

/** The type in messages. */
export const KIND_NAMES: Record<Kind, string> = {
  short: 'an integer',
  int: 'an integer',
  long: 'an integer',
  float: 'a number',
  double: 'a number',
  text: 'a text',
  boolean: 'a boolean',
  timestamp: 'a timestamp',
  point: 'a point',
  circle: 'a circle',
  polygon: 'a polygon',
  region: 'a region',
  array: 'an array',
  null: 'NULL',
};
export const describe = (value: Value): string => (value.condition ? 'a condition' : KIND_NAMES[value.kind]);

/** SQL types of values that leave a query or pass a CAST. */
export const SQL_TYPES: Record<Exclude<Kind, 'array' | 'null'>, string> = {
  short: 'smallint',
  int: 'integer',
  long: 'bigint',
  float: 'real',
  double: 'float8',
  text: 'text',
  boolean: 'boolean',
  timestamp: 'timestamptz',
  point: 'float8[]',
  circle: 'float8[]',
  polygon: 'float8[]',
  region: 'text',
};

const TYPE_METADATA: Record<Kind, Metadata> = {
  short: { datatype: 'short' },
  int: { datatype: 'int' },
  long: { datatype: 'long' },
  float: { datatype: 'float' },
  double: { datatype: 'double' },
  text: { datatype: 'char', arraysize: '*' },
  boolean: { datatype: 'boolean' },
  timestamp: { datatype: 'timestamp', arraysize: '*', xtype: 'timestamp' },
  point: { datatype: 'double', arraysize: '2', xtype: 'point' },
  circle: { datatype: 'double', arraysize: '3', xtype: 'circle' },
  polygon: { datatype: 'double', arraysize: '*', xtype: 'polygon' },
  region: { datatype: 'char', arraysize: '*' },
  array: { datatype: 'double', arraysize: '*' },
  null: { datatype: 'char', arraysize: '*' },
};

/** What VOTable says of a value: what passed through from a column, over what its type implies. */
export const metadataOf = ({ kind, metadata, column }: Pick<Value, 'kind' | 'metadata' | 'column'>): Metadata =>
  column?.metadata ?? { ...TYPE_METADATA[kind], ...metadata };

/** The type of a declared column. */
export function kindOf(column: AdqlColumn): Kind {
  const { datatype, arraysize, xtype } = column;
  if (datatype === 'char' || datatype === 'unicodeChar') return column.geography ? 'region' : 'text';
  if (datatype === 'timestamp') return 'timestamp';
  if (arraysize && arraysize !== '1')
    return xtype === 'point' || xtype === 'circle' || xtype === 'polygon' ? xtype : 'array';
  return datatype === 'unsignedByte' ? 'short' : datatype;
}
