/**
 * What a token allows. read: query catalogs, images and alerts. filters: register filters. jobs: submit and abort jobs of one's own.
 * ingest: hand in frames. operate: everything an operator does.
 */
export const SCOPES = ['read', 'filters', 'jobs', 'ingest', 'operate'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a person or a machine is here. Operators are so by their account, and may have tokens of every scope. */
export const ROLES = ['astronomer', 'filter-owner', 'level3', 'telescope'] as const;
export type Role = (typeof ROLES)[number];

const SCOPE_OF: Readonly<Record<Role, Scope>> = {
  astronomer: 'read',
  'filter-owner': 'filters',
  level3: 'jobs',
  telescope: 'ingest',
};

/** The scopes an account may use. A token never has more: what is taken from the account is taken from its tokens. */
export const scopesOf = (role: 'user' | 'operator', roles: readonly Role[]): readonly Scope[] =>
  role === 'operator' ? SCOPES : roles.map((name) => SCOPE_OF[name]);

/** The roles that scopes stand for. */
export const rolesFor = (scopes: readonly Scope[]): readonly Role[] =>
  ROLES.filter((role) => scopes.includes(SCOPE_OF[role]));

/** Who is asking. */
export interface Principal {
  readonly userId: string;
  readonly name: string;
  readonly role: 'user' | 'operator';
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  /** may see what is proprietary: by the account or one of its groups; operators always */
  readonly dataRights: boolean;
  /** of the token, as far as the account allows them */
  readonly scopes: readonly Scope[];
  readonly tokenId: string;
  /** what a token made with this one depends on: the personal token at the beginning; null: a login */
  readonly rootTokenId: string | null;
  /** session: the cookie of a browser, which needs protection from requests of other sites */
  readonly kind: 'personal' | 'session';
}

/** A request's origin: somebody with a token, or an address. */
export interface Caller {
  readonly principal?: Principal;
  readonly address: string;
}

export const allows = (principal: Principal | undefined, scope: Scope): boolean =>
  principal !== undefined && (principal.scopes.includes(scope) || principal.scopes.includes('operate'));

/** Whom quotas are counted for. */
export const quotaSubject = ({ principal, address }: Caller): string =>
  principal ? `user:${principal.userId}` : `address:${address}`;
