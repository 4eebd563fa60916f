export type CatalogErrorCode =
  'SNAPSHOT_STALE' | 'UNKNOWN_CELL' | 'BAD_REGION' | 'BAD_CURSOR' | 'BAD_FILTER' | 'BAD_PLAN' | 'ALREADY_THERE';

/** A request the catalog cannot serve, or a plan it cannot commit. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError';
  constructor(
    readonly code: CatalogErrorCode,
    message: string,
    readonly value?: unknown,
  ) {
    super(message);
  }
}
