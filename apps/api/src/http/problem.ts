// Errors as clients see them: one shape (RFC 9457), a code, a sentence, the offending value; never a stack trace.

/** Domain errors all carry a code; these decide the status. Anything not listed is a 400. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  INVALID_TOKEN: 401,
  EXPIRED_TOKEN: 401,
  MISSING_SCOPE: 403,
  NO_SUCH_FILTER: 404,
  NO_SUCH_VERSION: 404,
  NO_SUCH_ALERT: 404,
  NO_SUCH_JOB: 404,
  NO_SUCH_DATASET: 404,
  NO_SUCH_VISIT: 404,
  NO_SUCH_OBJECT: 404,
  NO_SUCH_USER: 404,
  NO_SUCH_GROUP: 404,
  NO_SUCH_TABLE: 404,
  LOGIN_FAILED: 403,
  NO_SUCH_TOKEN: 404,
  NOT_FOUND: 404,
  STAMPS_MISSING: 404,
  NAME_TAKEN: 409,
  TOO_MANY_FILTERS: 429,
  QUOTA_EXCEEDED: 429,
  unreachable: 503,
};

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly value?: unknown;
  readonly range?: unknown;
  readonly suggestion?: unknown;
}

interface CodedError extends Error {
  readonly code: string;
  readonly value?: unknown;
  readonly range?: unknown;
  readonly suggestion?: unknown;
}

/** An error made on purpose by one of our libraries: a class of its own with a code (neither an SQLSTATE nor a system error). */
function isCoded(error: unknown): error is CodedError {
  if (!(error instanceof Error) || error.name === 'Error' || !('code' in error)) return false;
  const { code } = error;
  return typeof code === 'string' && !/^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]+$/.test(code);
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly code: string,
    message: string,
    readonly value?: unknown,
    readonly status?: number,
  ) {
    super(message);
  }
}

/** What a client may know about an error; undefined for an error of ours, which is logged and answered with 500. */
export function problemOf(error: unknown): Problem | undefined {
  if (isHttpException(error)) {
    const status = error.getStatus();
    const response = error.getResponse();
    const message =
      typeof response === 'object' && response !== null && 'message' in response ? response.message : error.message;
    return {
      status,
      code: HTTP_CODES[status] ?? 'BAD_REQUEST',
      detail: Array.isArray(message) ? message.join('; ') : String(message),
    };
  }
  if (error instanceof ApiError)
    return {
      status: error.status ?? STATUS_BY_CODE[error.code] ?? 400,
      code: error.code,
      detail: error.message,
      ...(error.value !== undefined && { value: error.value }),
    };
  if (!isCoded(error)) return undefined;
  return {
    status: STATUS_BY_CODE[error.code] ?? 400,
    code: error.code,
    detail: error.message,
    ...(error.value !== undefined && { value: error.value }),
    ...(error.range !== undefined && { range: error.range }),
    ...(error.suggestion !== undefined && { suggestion: error.suggestion }),
  };
}

const HTTP_CODES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'MISSING_SCOPE',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'QUOTA_EXCEEDED',
};

interface HttpExceptionLike {
  readonly message: string;
  getStatus(): number;
  getResponse(): unknown;
}
const isHttpException = (error: unknown): error is HttpExceptionLike =>
  error instanceof Error &&
  typeof (error as Partial<HttpExceptionLike>).getStatus === 'function' &&
  typeof (error as Partial<HttpExceptionLike>).getResponse === 'function';
