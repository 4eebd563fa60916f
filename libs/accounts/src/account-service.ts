import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type SqlClient, sqlState, withTransaction } from '#libs/database';
import { AccountError } from './account-error.js';
import { COMMAND_LINE, recordAct } from './audit-log.js';
import { type Principal, type Role, ROLES, rolesFor, type Scope, SCOPES, scopesOf } from './scopes.js';
import { hashOf, makeToken, sameHash, type TokenKind } from './tokens.js';

export interface UserAccount {
  readonly id: string;
  readonly name: string;
  readonly role: 'user' | 'operator';
  readonly roles: readonly Role[];
  readonly dataRights: boolean;
  readonly disabledAt: Date | null;
}
export interface IssuedToken {
  readonly id: string;
  /** shown once; only its hash is kept */
  readonly token: string;
}
export interface TokenInfo {
  readonly id: string;
  readonly label: string;
  readonly kind: TokenKind;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}
/** Who does it, for the audit log. */
export interface By {
  readonly actor?: string;
}

const UNIQUE_VIOLATION = '23505';
const CHECK_VIOLATION = '23514';
const USER = 'id, name, role, roles, data_rights AS "dataRights", disabled_at AS "disabledAt"';
const actorOf = ({ actor = COMMAND_LINE }: By): string => actor;

/** Users and their tokens. Every act that changes what somebody may do is written into the audit log in the same transaction. */
@Injectable()
export class AccountService {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async createUser(
    name: string,
    role: UserAccount['role'] = 'user',
    { roles = ['astronomer', 'filter-owner', 'level3'], ...by }: By & { readonly roles?: readonly Role[] } = {},
  ): Promise<UserAccount> {
    checkRoles(roles);
    try {
      return await withTransaction(this.dataSource, async (manager) => {
        const rows = await manager.query<UserAccount[]>(
          `INSERT INTO user_account (name, role, roles) VALUES ($1, $2, $3) RETURNING ${USER}`,
          [name, role, [...roles]],
        );
        await recordAct(manager, { actor: actorOf(by), act: 'create user', subject: name, detail: { role, roles } });
        return rows[0]!;
      });
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION)
        throw new AccountError('NAME_TAKEN', `there is a user ${name} already`, name);
      if (sqlState(error) === CHECK_VIOLATION)
        throw new AccountError(
          'INVALID_NAME',
          `a user name is 2 to 63 characters, a-z, 0-9, '.', '_' or '-', beginning with a letter: not ${JSON.stringify(name)}`,
          name,
        );
      throw error;
    }
  }

  /** A user who may log in. */
  async findUser(name: string): Promise<UserAccount | undefined> {
    const rows = await this.dataSource.query<UserAccount[]>(
      `SELECT ${USER} FROM user_account WHERE name = $1 AND disabled_at IS NULL`,
      [name],
    );
    return rows[0];
  }

  async listUsers(): Promise<UserAccount[]> {
    return this.dataSource.query(`SELECT ${USER} FROM user_account ORDER BY name`);
  }

  /** Changes what an account may do; its tokens follow at once. */
  async changeUser(
    name: string,
    change: { readonly roles?: readonly Role[]; readonly dataRights?: boolean; readonly disabled?: boolean },
    by: By = {},
  ): Promise<UserAccount> {
    if (change.roles) checkRoles(change.roles);
    return withTransaction(this.dataSource, async (manager) => {
      const [rows] = await manager.query<[UserAccount[], number]>(
        `UPDATE user_account SET roles = coalesce($2, roles), data_rights = coalesce($3, data_rights),
           disabled_at = CASE WHEN $4::boolean IS NULL THEN disabled_at WHEN $4 THEN coalesce(disabled_at, now()) END
         WHERE name = $1 RETURNING ${USER}`,
        [name, change.roles ? [...change.roles] : null, change.dataRights ?? null, change.disabled ?? null],
      );
      if (!rows[0]) throw new AccountError('NO_SUCH_USER', `there is no user ${name}`, name);
      await recordAct(manager, { actor: actorOf(by), act: 'change user', subject: name, detail: change });
      return rows[0];
    });
  }

  /** The command line's way: a user of that name with at least the roles these scopes need. */
  async userFor(name: string, scopes: readonly Scope[], role: UserAccount['role'] = 'user'): Promise<UserAccount> {
    const user = (await this.findUser(name)) ?? (await this.createUser(name, role));
    const missing = rolesFor(scopes).filter((needed) => !user.roles.includes(needed));
    return missing.length > 0 ? this.changeUser(name, { roles: [...user.roles, ...missing] }) : user;
  }

  /** A token for some of the scopes the account has; others are refused. One made with another (`madeWith`) ends with it. */
  async issueToken(
    userId: string,
    label: string,
    scopes: readonly Scope[],
    lifetimeDays?: number,
    {
      kind = 'personal',
      madeWith = null,
      ...by
    }: By & { readonly kind?: TokenKind; readonly madeWith?: string | null } = {},
  ): Promise<IssuedToken> {
    const unknown = scopes.find((scope) => !SCOPES.includes(scope));
    if (unknown !== undefined)
      throw new AccountError('UNKNOWN_SCOPE', `there is no scope ${unknown}; there are ${SCOPES.join(', ')}`, unknown);
    const token = makeToken(kind);
    return withTransaction(this.dataSource, async (manager) => {
      const [user] = await manager.query<UserAccount[]>(
        `SELECT ${USER} FROM user_account WHERE id = $1 AND disabled_at IS NULL`,
        [userId],
      );
      if (!user) throw new AccountError('NO_SUCH_USER', 'there is no such user', userId);
      const allowed = scopesOf(user.role, user.roles);
      const denied = scopes.find((scope) => !allowed.includes(scope));
      if (denied !== undefined)
        throw new AccountError('MISSING_SCOPE', `the account ${user.name} does not have the scope '${denied}'`, denied);
      const rows = await manager.query<{ id: string }[]>(
        `INSERT INTO access_token (user_id, label, token_hash, scopes, expires_at, kind, made_with)
         VALUES ($1, $2, $3, $4, now() + $5::float8 * interval '1 day', $6, $7) RETURNING id`,
        [userId, label, hashOf(token), [...scopes], lifetimeDays ?? null, kind, madeWith],
      );
      const { id } = rows[0]!;
      await recordAct(manager, {
        actor: actorOf(by),
        act: `issue ${kind} token`,
        subject: user.name,
        detail: { id, label, scopes, lifetimeDays },
      });
      return { id, token };
    });
  }

  /** The principal behind a token. Throws INVALID_TOKEN or EXPIRED_TOKEN; never says which users exist. */
  async authenticate(token: string): Promise<Principal> {
    const hash = hashOf(token);
    const rows = await this.dataSource.query<
      (Omit<Principal, 'scopes'> & { scopes: Scope[]; hash: string; expired: boolean })[]
    >(
      `SELECT u.id AS "userId", u.name, u.role, u.roles, t.scopes, t.id AS "tokenId", t.kind, t.token_hash AS hash,
         least(t.expires_at, root.expires_at) <= now() IS TRUE AS expired,
         CASE WHEN t.kind = 'personal' THEN coalesce(t.made_with, t.id) ELSE t.made_with END AS "rootTokenId", coalesce(g.names, '{}') AS groups,
         u.role = 'operator' OR u.data_rights OR coalesce(g.rights, false) AS "dataRights"
       FROM access_token t JOIN user_account u ON u.id = t.user_id LEFT JOIN access_token root ON root.id = t.made_with
       LEFT JOIN LATERAL (
         SELECT array_agg(m.group_name) AS names, bool_or(g.data_rights) AS rights
         FROM group_member m JOIN user_group g ON g.name = m.group_name WHERE m.user_id = u.id
       ) g ON true
       WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND root.revoked_at IS NULL AND u.disabled_at IS NULL`,
      [hash],
    );
    const found = rows[0];
    if (!found || !sameHash(found.hash, hash))
      throw new AccountError('INVALID_TOKEN', 'this access token is not known');
    if (found.expired) throw new AccountError('EXPIRED_TOKEN', 'this access token has expired');
    const { userId, name, role, roles, groups, dataRights, tokenId, rootTokenId, kind } = found;
    const allowed = scopesOf(role, roles);
    const scopes = found.scopes.filter((scope) => allowed.includes(scope));
    return { userId, name, role, roles, groups, dataRights, scopes, tokenId, rootTokenId, kind };
  }

  async listTokens(userId: string): Promise<TokenInfo[]> {
    return this.dataSource.query(
      `SELECT id, label, kind, scopes, created_at AS "createdAt", expires_at AS "expiresAt", revoked_at AS "revokedAt"
       FROM access_token WHERE user_id = $1 ORDER BY created_at, id`,
      [userId],
    );
  }

  async revokeToken(userId: string, tokenId: string, by: By = {}): Promise<void> {
    await withTransaction(this.dataSource, async (manager) => {
      const [rows] = await manager.query<[{ label: string; user: string }[], number]>(
        `UPDATE access_token t SET revoked_at = coalesce(t.revoked_at, now()) FROM user_account u
         WHERE t.id::text = $1 AND t.user_id = $2 AND u.id = t.user_id RETURNING t.label, u.name AS "user"`,
        [tokenId, userId],
      );
      if (!rows[0]) throw new AccountError('NO_SUCH_TOKEN', `there is no token ${tokenId} of yours`, tokenId);
      await recordAct(manager, {
        actor: actorOf(by),
        act: 'revoke token',
        subject: rows[0].user,
        detail: { id: tokenId, label: rows[0].label },
      });
    });
  }

  /** The account behind an identity of a login provider; made at the first login, as an astronomer. */
  async userOfIdentity(identity: {
    readonly issuer: string;
    readonly subject: string;
    readonly name: string;
    readonly email?: string;
  }): Promise<UserAccount> {
    const { issuer, subject, email } = identity;
    const find = async (client: SqlClient): Promise<UserAccount | undefined> =>
      (
        (await client.query(
          `SELECT ${USER} FROM user_account JOIN external_identity e ON e.user_id = id WHERE e.issuer = $1 AND e.subject = $2`,
          [issuer, subject],
        )) as UserAccount[]
      )[0];
    const known = await find(this.dataSource);
    if (known?.disabledAt) throw new AccountError('LOGIN_FAILED', 'this account is closed');
    if (known) return known;
    return withTransaction(this.dataSource, async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`login ${issuer} ${subject}`]);
      const meanwhile = await find(manager);
      if (meanwhile) return meanwhile;
      const name = await freeName(manager, identity.name);
      const rows = await manager.query<UserAccount[]>(
        `INSERT INTO user_account (name, role, roles, email) VALUES ($1, 'user', '{astronomer}', $2) RETURNING ${USER}`,
        [name, email ?? null],
      );
      await manager.query('INSERT INTO external_identity (issuer, subject, user_id) VALUES ($1, $2, $3)', [
        issuer,
        subject,
        rows[0]!.id,
      ]);
      await recordAct(manager, { actor: name, act: 'first login', subject: name, detail: { issuer, subject } });
      return rows[0]!;
    });
  }
}

/** A user name like the wanted one: never that of somebody else, whoever the provider says it is. */
async function freeName(client: SqlClient, wanted: string): Promise<string> {
  const plain = wanted
    .toLowerCase()
    .replace(/@.*$/, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 50);
  const base = plain.length >= 2 ? plain : 'user';
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`;
    const taken = (await client.query('SELECT 1 FROM user_account WHERE name = $1', [name])) as unknown[];
    if (taken.length === 0) return name;
  }
}

function checkRoles(roles: readonly Role[]): void {
  const unknown = roles.find((role) => !ROLES.includes(role));
  if (unknown !== undefined)
    throw new AccountError('UNKNOWN_ROLE', `there is no role ${unknown}; there are ${ROLES.join(', ')}`, unknown);
}
