import { DatabaseError } from './database-error.js';

const MAXIMUM_LENGTH = 63;

/** Quotes a (possibly schema-qualified, dot-separated) identifier for SQL. Refuses what PostgreSQL would truncate. */
export function quoteIdentifier(name: string): string {
  return name
    .split('.')
    .map((part) => {
      if (part === '' || part.includes('\0') || Buffer.byteLength(part) > MAXIMUM_LENGTH)
        throw new DatabaseError(
          'invalid_identifier',
          `an SQL identifier has 1 to ${MAXIMUM_LENGTH} bytes: ${JSON.stringify(name)}`,
          name,
        );
      return `"${part.replaceAll('"', '""')}"`;
    })
    .join('.');
}

/** A schema name that needs no quoting anywhere (search_path options, file names). */
export function assertPlainSchema(name: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name))
    throw new DatabaseError(
      'invalid_identifier',
      `a schema name is lower-case letters, digits and underscores: ${JSON.stringify(name)}`,
      name,
    );
  return name;
}
