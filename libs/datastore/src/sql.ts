/** Whatever runs SQL with parameters: a TypeORM DataSource or EntityManager, or a `pg` client. */
export interface SqlClient {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/** The rows of a result: `pg` answers {rows}; TypeORM answers rows, or [rows, count] for UPDATE and DELETE. */
export function rowsOf<R>(result: unknown): readonly R[] {
  if (!Array.isArray(result)) return (result as { readonly rows?: readonly R[] } | undefined)?.rows ?? [];
  if (result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number') return result[0] as R[];
  return result as R[];
}
