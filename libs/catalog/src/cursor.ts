// Keyset pages: a cursor is the sort key of the last row seen, opaque to the reader.

import { CatalogError } from './catalog-error.js';

export interface PageRequest {
  /** rows wanted, at most 1000 (default 100) */
  readonly first?: number;
  readonly after?: string;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** the cursor of the last row; absent when there are no more rows */
  readonly next?: string;
}

const MAX_ROWS = 1000;

export const pageSize = (request: PageRequest): number =>
  Math.min(Math.max(1, Math.trunc(request.first ?? 100)), MAX_ROWS);

/** Keys are numbers, bigints or strings; their order is that of the database. */
export function encodeCursor(key: readonly (number | bigint | string)[]): string {
  return Buffer.from(JSON.stringify(key.map(String))).toString('base64url');
}

export function decodeCursor(cursor: string, length: number): string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(key) &&
      key.length === length &&
      key.every((part) => typeof part === 'string' && Number.isFinite(Number(part)))
    )
      return key as string[];
  } catch {
    // falls through to the one complaint
  }
  throw new CatalogError('BAD_CURSOR', 'the cursor was not given out by this query', cursor);
}

/** Cuts the one row too many that tells whether there are more. */
export function pageOf<T>(rows: T[], size: number, keyOf: (row: T) => readonly (number | bigint | string)[]): Page<T> {
  const page = rows.slice(0, size);
  return rows.length > size ? { rows: page, next: encodeCursor(keyOf(page.at(-1)!)) } : { rows: page };
}
