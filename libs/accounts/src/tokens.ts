// Tokens as strings: made of 256 random bits, so a plain SHA-256 of one is enough to know it by, and nothing can be guessed.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a token is for shows in its first letters, so that scanners of leaked secrets find it. */
const PREFIXES = { personal: 'alm_', session: 'als_' } as const;
export type TokenKind = keyof typeof PREFIXES;

const SHAPE = /^al[ms]_[A-Za-z0-9_-]{43}$/;

export const makeToken = (kind: TokenKind): string => PREFIXES[kind] + randomBytes(32).toString('base64url');
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
export const looksLikeToken = (text: string): boolean => SHAPE.test(text);

/** Compares two hashes in a time that does not depend on where they differ. */
export const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/**
 * The token in an Authorization header: `Bearer <token>`, or Basic with the token as user name or as password (what VO clients can do).
 * undefined: no credentials; null: credentials of no kind we know.
 */
export function tokenIn(header: string | undefined): string | null | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const [, scheme = '', value = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value;
    case 'basic': {
      const [, user = '', password = ''] =
        /^([^:]*):?([\s\S]*)$/.exec(Buffer.from(value, 'base64').toString('utf8')) ?? [];
      if (looksLikeToken(user)) return user;
      return looksLikeToken(password) ? password : null;
    }
    default:
      return null;
  }
}
