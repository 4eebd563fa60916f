// The catalog in GraphQL: one type and one page type per public table.

import {
  DetectorVisitProcessingSummary,
  DiaForcedSource,
  DiaObject,
  DiaSource,
  MpcOrbits,
  ObjectTable,
  Source,
  SSObject,
  SSSource,
} from '#libs/schema';
import { pageTypeOf } from '../graphql/page.js';
import { objectTypeOf } from '../graphql/table-type.js';

export const DiaObjectType = objectTypeOf(DiaObject);
export const DiaSourceType = objectTypeOf(DiaSource);
export const DiaForcedSourceType = objectTypeOf(DiaForcedSource);
export const SSObjectType = objectTypeOf(SSObject);
export const SSSourceType = objectTypeOf(SSSource);
export const MpcOrbitType = objectTypeOf(MpcOrbits, 'MpcOrbit');
export const SourceType = objectTypeOf(Source);
export const CatalogObjectType = objectTypeOf(ObjectTable);
export const DetectorSummaryType = objectTypeOf(DetectorVisitProcessingSummary, 'DetectorSummary');

export const DiaObjectPage = pageTypeOf(DiaObjectType);
export const DiaSourcePage = pageTypeOf(DiaSourceType);
export const SSObjectPage = pageTypeOf(SSObjectType);
export const SourcePage = pageTypeOf(SourceType);
export const CatalogObjectPage = pageTypeOf(CatalogObjectType);

/** A row that GraphQL has got: identifiers are strings. */
export type GraphRow = Readonly<Record<string, unknown>>;
/** An identifier in a row, if there is one. */
export const idIn = (row: GraphRow, column: string): bigint | undefined => {
  const value = row[column];
  return value === null || value === undefined ? undefined : BigInt(value as string);
};
