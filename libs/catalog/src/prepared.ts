// Statements that come again and again are parsed and planned once per connection.

import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

/** Connections keep a plan for each name: the first so many texts get one. */
const MAX_NAMES = 500;
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MAX_NAMES) return known;
  const name = `p${createHash('sha1').update(text).digest('hex').slice(0, 24)}`;
  names.set(text, name);
  return name;
}

export async function runPrepared<T>(dataSource: DataSource, text: string, values: readonly unknown[]): Promise<T[]> {
  const pool = (dataSource.driver as unknown as { readonly master: Pool }).master;
  const name = nameOf(text);
  return (await pool.query({ ...(name !== undefined && { name }), text, values: [...values] })).rows as T[];
}
