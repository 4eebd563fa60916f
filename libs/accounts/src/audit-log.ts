import type { SqlClient } from '#libs/database';

export interface AdministrativeAct {
  /** who did it: a user's name, or `command line` */
  readonly actor: string;
  readonly act: string;
  /** whom or what it changed */
  readonly subject: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends Required<AdministrativeAct> {
  readonly id: string;
  readonly at: Date;
}

/** The actor where nobody is logged in. */
export const COMMAND_LINE = 'command line';

/** Writes an act down. Call it with the transaction of the act itself. */
export async function recordAct(
  client: SqlClient,
  { actor, act, subject, detail = {} }: AdministrativeAct,
): Promise<void> {
  await client.query('INSERT INTO audit_log (actor, act, subject, detail) VALUES ($1, $2, $3, $4::jsonb)', [
    actor,
    act,
    subject,
    JSON.stringify(detail),
  ]);
}

/** Newest first: those before an entry, of one subject if given. */
export async function readAudit(
  client: SqlClient,
  { limit, before, subject }: { readonly limit: number; readonly before?: string; readonly subject?: string },
): Promise<AuditEntry[]> {
  return client.query(
    `SELECT audit_id::text AS id, at, actor, act, subject, detail FROM audit_log
     WHERE ($2::bigint IS NULL OR audit_id < $2) AND ($3::text IS NULL OR subject = $3) ORDER BY audit_id DESC LIMIT $1`,
    [limit, before ?? null, subject ?? null],
  ) as Promise<AuditEntry[]>;
}
