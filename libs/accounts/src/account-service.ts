import { Inject, Injectable } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { sqlState } from '#libs/database';
import { AccountError } from './account-error.js';
import { type Principal, type Scope, SCOPES } from './scopes.js';

export interface UserAccount {
  readonly id: string;
  readonly name: string;
  readonly role: 'user' | 'operator';
}
export interface IssuedToken {
  readonly id: string;
  /** shown once; only its hash is kept */
  readonly token: string;
}
export interface TokenInfo {
  readonly id: string;
  readonly label: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

const TOKEN_PREFIX = 'alm_';
const UNIQUE_VIOLATION = '23505';
const CHECK_VIOLATION = '23514';
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Users and tokens. A token carries 256 random bits, so a plain SHA-256 of it is enough. */
@Injectable()
export class AccountService {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async createUser(name: string, role: UserAccount['role'] = 'user'): Promise<UserAccount> {
    try {
      const rows: UserAccount[] = await this.dataSource.query(
        'INSERT INTO user_account (name, role) VALUES ($1, $2) RETURNING id, name, role',
        [name, role],
      );
      return rows[0]!;
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

  async findUser(name: string): Promise<UserAccount | undefined> {
    const rows: UserAccount[] = await this.dataSource.query(
      'SELECT id, name, role FROM user_account WHERE name = $1 AND disabled_at IS NULL',
      [name],
    );
    return rows[0];
  }

  async issueToken(
    userId: string,
    label: string,
    scopes: readonly Scope[],
    lifetimeDays?: number,
  ): Promise<IssuedToken> {
    const unknown = scopes.find((scope) => !SCOPES.includes(scope));
    if (unknown !== undefined)
      throw new AccountError('UNKNOWN_SCOPE', `there is no scope ${unknown}; there are ${SCOPES.join(', ')}`, unknown);
    const token = TOKEN_PREFIX + randomBytes(32).toString('base64url');
    const rows: { id: string }[] = await this.dataSource.query(
      `INSERT INTO access_token (user_id, label, token_hash, scopes, expires_at)
       VALUES ($1, $2, $3, $4, now() + $5::float8 * interval '1 day') RETURNING id`,
      [userId, label, hashOf(token), [...scopes], lifetimeDays ?? null],
    );
    return { id: rows[0]!.id, token };
  }

  /** The principal behind a token. Throws INVALID_TOKEN or EXPIRED_TOKEN; never says which users exist. */
  async authenticate(token: string): Promise<Principal> {
    const rows: { userId: string; name: string; role: UserAccount['role']; scopes: Scope[]; expired: boolean }[] =
      await this.dataSource.query(
        `SELECT u.id AS "userId", u.name, u.role, t.scopes, coalesce(t.expires_at < now(), false) AS expired
       FROM access_token t JOIN user_account u ON u.id = t.user_id
       WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND u.disabled_at IS NULL`,
        [hashOf(token)],
      );
    const found = rows[0];
    if (!found) throw new AccountError('INVALID_TOKEN', 'this access token is not known');
    if (found.expired) throw new AccountError('EXPIRED_TOKEN', 'this access token has expired');
    return { userId: found.userId, name: found.name, role: found.role, scopes: found.scopes };
  }

  async listTokens(userId: string): Promise<TokenInfo[]> {
    return this.dataSource.query(
      `SELECT id, label, scopes, created_at AS "createdAt", expires_at AS "expiresAt", revoked_at AS "revokedAt"
       FROM access_token WHERE user_id = $1 ORDER BY created_at, id`,
      [userId],
    );
  }

  async revokeToken(userId: string, tokenId: string): Promise<void> {
    const rows: [unknown[], number] = await this.dataSource.query(
      'UPDATE access_token SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 AND user_id = $2 RETURNING id',
      [tokenId, userId],
    );
    if (rows[1] === 0) throw new AccountError('NO_SUCH_TOKEN', `there is no token ${tokenId} of yours`, tokenId);
  }
}
