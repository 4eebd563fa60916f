import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountService } from '#libs/accounts';
import { openTestDatabase, type TestDatabase } from '../../../test/support/medium.js';
import { type AlertRows, FilterService } from './index.js';

let database: TestDatabase;
let filters: FilterService;
let owner: string;
let stranger: string;
beforeAll(async () => {
  database = await openTestDatabase();
  filters = new FilterService(database.dataSource);
  const accounts = new AccountService(database.dataSource);
  owner = (await accounts.createUser('owner')).id;
  stranger = (await accounts.createUser('stranger')).id;
});
afterAll(async () => database.close());

const alert = (diaSourceId: bigint, snr: number, nDiaSources: number): AlertRows => ({
  diaSource: { diaSourceId, snr, diaObjectId: diaSourceId, band: 'r' },
  diaObject: { diaObjectId: diaSourceId, nDiaSources },
});
const night = [alert(1n, 7, 1), alert(2n, 40, 3), alert(9007199254740993n, 20, 2), alert(4n, 30, 5)];
const evaluate = (visit: bigint, alerts: readonly AlertRows[]): Promise<number> =>
  database.dataSource.transaction((manager) => filters.evaluateVisit(manager, visit, alerts));

describe('registered filters', () => {
  it('catch the best of a visit once, however often the visit is put before them', async () => {
    const filter = await filters.register(
      owner,
      'best',
      'SELECT snr, nDiaSources AS n WHERE nDiaSources >= 2 ORDER BY snr DESC LIMIT 2 PER VISIT',
    );
    expect(await evaluate(100n, night)).toBe(2);
    expect(await evaluate(100n, night)).toBe(0);
    expect((await filters.matches(filter.id)).map((match) => [match.diaSourceId, match.selected])).toEqual([
      [2n, { snr: 40, n: 3 }],
      [4n, { snr: 30, n: 5 }],
    ]);
    await filters.remove(owner, filter.id);
  });

  it('keep 64-bit identifiers exact and page by cursor', async () => {
    const filter = await filters.register(owner, 'exact', 'WHERE diaSourceId = 9007199254740993 OR snr = 7');
    await evaluate(101n, night);
    const [first, ...none] = await filters.matches(filter.id, 0n, 1);
    expect(none).toEqual([]);
    const rest = await filters.matches(filter.id, first!.matchId);
    expect([first!, ...rest].map((match) => match.diaSourceId)).toEqual([1n, 9007199254740993n]);
    await filters.remove(owner, filter.id);
  });

  it('evaluate the active version only, and match anew under a new one', async () => {
    const filter = await filters.register(owner, 'revised', 'WHERE snr > 35');
    await evaluate(102n, night);
    const revised = await filters.revise(owner, filter.id, 'WHERE snr > 25');
    expect(revised).toMatchObject({ activeVersion: 2, latestVersion: 2, query: 'WHERE snr > 25' });
    await evaluate(102n, night);
    expect((await filters.matches(filter.id)).map((match) => [match.version, match.diaSourceId])).toEqual([
      [1, 2n],
      [2, 2n],
      [2, 4n],
    ]);
    await filters.setActive(owner, filter.id, false);
    expect(await evaluate(103n, night)).toBe(0);
    await filters.remove(owner, filter.id);
  });

  it('are refused with the place of the mistake, and nothing is kept', async () => {
    await expect(filters.register(owner, 'broken', 'WHERE snrr > 5')).rejects.toMatchObject({
      code: 'UNKNOWN_COLUMN',
      suggestion: 'snr',
    });
    expect(await filters.list(owner)).toEqual([]);
  });

  it('belong to their owner', async () => {
    const filter = await filters.register(owner, 'mine', 'WHERE snr > 5');
    await expect(filters.revise(stranger, filter.id, 'WHERE snr > 6')).rejects.toMatchObject({
      code: 'NO_SUCH_FILTER',
    });
    await expect(filters.get(stranger, filter.id)).rejects.toMatchObject({ code: 'NO_SUCH_FILTER' });
    await expect(filters.register(owner, 'mine', 'WHERE snr > 5')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await filters.remove(owner, filter.id);
  });
});
