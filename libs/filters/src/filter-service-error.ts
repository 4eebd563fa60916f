export type FilterServiceErrorCode = 'NO_SUCH_FILTER' | 'NAME_TAKEN' | 'NO_SUCH_VERSION' | 'TOO_MANY_FILTERS';

export class FilterServiceError extends Error {
  override readonly name = 'FilterServiceError';
  constructor(
    readonly code: FilterServiceErrorCode,
    message: string,
    readonly value?: unknown,
  ) {
    super(message);
  }
}
