import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../../test/support/medium.js';
import { AccountService, allows } from './index.js';

let database: TestDatabase;
let accounts: AccountService;
beforeAll(async () => {
  database = await openTestDatabase();
  accounts = new AccountService(database.dataSource);
});
afterAll(async () => database.close());

describe('accounts', () => {
  it('a token speaks for its user with its scopes and no others', async () => {
    const user = await accounts.createUser('ptolemy');
    const { token } = await accounts.issueToken(user.id, 'laptop', ['read', 'filters']);
    const principal = await accounts.authenticate(token);
    expect(principal).toMatchObject({ userId: user.id, name: 'ptolemy', role: 'user', scopes: ['read', 'filters'] });
    expect([allows(principal, 'filters'), allows(principal, 'operate'), allows(undefined, 'read')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('the database never holds the token itself', async () => {
    const user = await accounts.createUser('hipparchus');
    const { token } = await accounts.issueToken(user.id, 'x', ['read']);
    const rows: { row: string }[] = await database.dataSource.query(
      'SELECT access_token::text AS row FROM access_token',
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { row } of rows) expect(row).not.toContain(token.slice(4));
  });

  it('unknown, revoked and expired tokens are refused', async () => {
    const user = await accounts.createUser('aristarchus');
    await expect(accounts.authenticate('alm_nothing')).rejects.toMatchObject({ code: 'INVALID_TOKEN' });
    const revoked = await accounts.issueToken(user.id, 'a', ['read']);
    await accounts.revokeToken(user.id, revoked.id);
    await expect(accounts.authenticate(revoked.token)).rejects.toMatchObject({ code: 'INVALID_TOKEN' });
    const expired = await accounts.issueToken(user.id, 'b', ['read'], -1);
    await expect(accounts.authenticate(expired.token)).rejects.toMatchObject({ code: 'EXPIRED_TOKEN' });
    expect((await accounts.listTokens(user.id)).map((info) => info.label)).toEqual(['a', 'b']);
  });

  it("another user's token cannot be revoked", async () => {
    const owner = await accounts.createUser('eratosthenes');
    const other = await accounts.createUser('conon');
    const { id } = await accounts.issueToken(owner.id, 'c', ['read']);
    await expect(accounts.revokeToken(other.id, id)).rejects.toMatchObject({ code: 'NO_SUCH_TOKEN', value: id });
  });

  it('names are unique and plain', async () => {
    await expect(accounts.createUser('ptolemy')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await expect(accounts.createUser("x'; DROP")).rejects.toMatchObject({ code: 'INVALID_NAME' });
  });
});
