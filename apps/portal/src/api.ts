// The one door to the server.

export interface SourceRange {
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly range?: SourceRange,
  ) {
    super(message);
  }
}

const TOKEN = 'almagest.token';
export const token = {
  get: (): string => sessionStorage.getItem(TOKEN) ?? '',
  set: (value: string): void => sessionStorage.setItem(TOKEN, value.trim()),
};

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { message: string; extensions?: { code?: string; range?: SourceRange } }[];
}

export async function ask<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
  const bearer = token.get();
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    body: JSON.stringify({ query, variables }),
  }).catch(() => {
    throw new ApiError('the server does not answer', 'UNREACHABLE');
  });
  const { data, errors } = (await response.json()) as Answer<T>;
  const error = errors?.[0];
  if (error) throw new ApiError(error.message, error.extensions?.code ?? 'UNKNOWN', error.extensions?.range);
  return data!;
}
