// A table as the Virtual Observatory sees it: what TAP_SCHEMA and /tables say, and where its rows are.

import { RESERVED_WORDS } from '#libs/adql';

export type VoDatatype =
  'boolean' | 'unsignedByte' | 'short' | 'int' | 'long' | 'float' | 'double' | 'char' | 'unicodeChar';

export interface VoColumn {
  readonly name: string;
  readonly datatype: VoDatatype;
  readonly arraysize?: string;
  readonly xtype?: string;
  readonly unit?: string;
  readonly ucd?: string;
  readonly utype?: string;
  readonly description: string;
  /** a condition on it is answered from an index */
  readonly indexed?: true;
  /** what somebody wants to see first */
  readonly principal?: true;
  /** defined by an IVOA standard */
  readonly std?: true;
  /** the name in the database, when it is another */
  readonly sqlName?: string;
  /** a column of the database that holds the region which this one spells */
  readonly geography?: string;
}

export interface VoTable {
  readonly schema: string;
  readonly name: string;
  readonly type: 'table' | 'view';
  readonly description: string;
  readonly utype?: string;
  /** the relation in the database */
  readonly sqlName: string;
  /** SQL that is true for the rows of alias `t` that the caller may see; absent: all of them */
  readonly condition?: string;
  readonly position?: {
    readonly ra: string;
    readonly dec: string;
    readonly geography?: string;
    readonly hpx29?: string;
  };
  readonly columns: readonly VoColumn[];
}

export interface VoSchema {
  readonly name: string;
  readonly description: string;
  readonly utype?: string;
}

export interface VoKey {
  readonly id: string;
  readonly from: string;
  readonly target: string;
  readonly description: string;
  readonly columns: readonly { readonly from: string; readonly target: string }[];
}

/** All that one caller may see. */
export interface VoTableset {
  readonly schemas: readonly VoSchema[];
  readonly tables: readonly VoTable[];
  readonly keys: readonly VoKey[];
}

/** The name as a query must spell it: reserved words and odd names are delimited. */
export const spelledName = ({ name }: Pick<VoColumn, 'name'>): string =>
  /^[A-Za-z][A-Za-z0-9_]*$/.test(name) && !RESERVED_WORDS.has(name.toUpperCase())
    ? name
    : `"${name.replaceAll('"', '""')}"`;

export const qualifiedName = (table: VoTable): string => `${table.schema}.${table.name}`;

/** Names of TAP_SCHEMA and of users are compared without regard to case. */
export const tableNamed = (tableset: VoTableset, name: string): VoTable | undefined =>
  tableset.tables.find((table) => qualifiedName(table).toLowerCase() === name.trim().toLowerCase());
