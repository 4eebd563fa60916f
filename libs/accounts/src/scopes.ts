/**
 * What a token allows. read: query catalogs, images and alerts. filters: register filters. jobs: submit and abort jobs of one's own.
 * ingest: hand in frames. operate: everything an operator does.
 */
export const SCOPES = ['read', 'filters', 'jobs', 'ingest', 'operate'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who is asking. */
export interface Principal {
  readonly userId: string;
  readonly name: string;
  readonly role: 'user' | 'operator';
  readonly scopes: readonly Scope[];
}

export const allows = (principal: Principal | undefined, scope: Scope): boolean =>
  principal !== undefined && (principal.scopes.includes(scope) || principal.scopes.includes('operate'));
