// The catalog in GraphQL: for every public table a type, a page, a filter and an order, all made from its description.

import {
  DetectorVisitProcessingSummary,
  DiaForcedSource,
  DiaObject,
  DiaSource,
  ForcedSource,
  MpcOrbits,
  ObjectTable,
  Source,
  SSObject,
  SSSource,
  type TableDescription,
} from '#libs/schema';
import { filterTypeOf, type OrderInput, orderTypeOf } from '../graphql/filter-types.js';
import { type PageOf, pageTypeOf } from '../graphql/page.js';
import { objectTypeOf, type RowType } from '../graphql/table-type.js';

export interface TableTypes {
  readonly table: TableDescription;
  readonly node: RowType;
  readonly page: new () => PageOf<unknown>;
  readonly filter: new () => object;
  readonly order: new () => OrderInput;
}

function typesOf(table: TableDescription, name: string = table.name): TableTypes {
  const node = objectTypeOf(table, name);
  return { table, node, page: pageTypeOf(node), filter: filterTypeOf(table, name), order: orderTypeOf(table, name) };
}

export const diaObjectTypes = typesOf(DiaObject);
export const diaSourceTypes = typesOf(DiaSource);
export const diaForcedSourceTypes = typesOf(DiaForcedSource);
export const ssObjectTypes = typesOf(SSObject);
export const ssSourceTypes = typesOf(SSSource);
export const orbitTypes = typesOf(MpcOrbits, 'MpcOrbit');
export const objectTypes = typesOf(ObjectTable);
export const sourceTypes = typesOf(Source);
export const forcedSourceTypes = typesOf(ForcedSource);
export const visitDetectorTypes = typesOf(DetectorVisitProcessingSummary, 'VisitDetector');

export const DiaObjectType = diaObjectTypes.node;
export const DiaSourceType = diaSourceTypes.node;
export const DiaForcedSourceType = diaForcedSourceTypes.node;
export const SSObjectType = ssObjectTypes.node;
export const SSSourceType = ssSourceTypes.node;
export const MpcOrbitType = orbitTypes.node;
export const CatalogObjectType = objectTypes.node;
export const SourceType = sourceTypes.node;
export const ForcedSourceType = forcedSourceTypes.node;
export const VisitDetectorType = visitDetectorTypes.node;

/** A row that GraphQL has got: identifiers are strings. */
export type GraphRow = Readonly<Record<string, unknown>>;
/** An identifier in a row, if there is one. */
export const idIn = (row: GraphRow, column: string): string | undefined => {
  const value = row[column];
  return value === null || value === undefined ? undefined : String(value as string | bigint);
};
