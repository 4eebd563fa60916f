export type DatastoreErrorCode =
  | 'CHECKSUM_MISMATCH'
  | 'COLLECTION_CYCLE'
  | 'COLLECTION_KIND'
  | 'CONFLICTING_FRAME'
  | 'INVALID_INTERVAL'
  | 'INVALID_NAME'
  | 'NOT_FOUND'
  | 'OVERLAPPING_VALIDITY'
  | 'UNKNOWN_COLLECTION';

export class DatastoreError extends Error {
  override readonly name = 'DatastoreError';
  constructor(
    readonly code: DatastoreErrorCode,
    message: string,
    readonly value: unknown,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
