import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import pg from 'pg';
import { preparedDataDir, testFolder } from '../../../test/support/medium.js';
import { fromSource } from '../../../test/support/sources.js';
import { runKillRecovery } from './embedded-db.bench.js';
import { launchEmbeddedDatabase } from './launch.js';

const command = fromSource('apps/embedded-db/src/main.ts');
describe('the embedded database as a process', () => {
  it('loses no acknowledged row when its engine is killed under load', async () => {
    const result = await runKillRecovery({ dataDir: preparedDataDir('killed'), rounds: 2, loadMs: 1_000, command });
    expect(result.acknowledged).toBeGreaterThan(100);
    expect(result.recovered).toBe(result.acknowledged);
    expect(result.unacknowledged).toBeLessThanOrEqual(2 * 4);
  }, 90_000);

  it('refuses a folder that another one serves, and gives it free when it stops', async () => {
    const dataDir = preparedDataDir('locked');
    const first = await launchEmbeddedDatabase(dataDir, [], command);
    await expect(launchEmbeddedDatabase(dataDir, [], command)).rejects.toThrow(/data_directory_locked/);
    const client = new pg.Client(first.ready.url);
    const farewell = new Promise<Error>((resolve) => client.on('error', resolve));
    await client.connect();
    await client.query('CREATE TABLE kept (x int); INSERT INTO kept VALUES (1)');
    await client.query('BEGIN; INSERT INTO kept VALUES (2)');
    expect(await first.stop()).toBe(0);
    expect(await farewell).toMatchObject({ code: '57P01' });

    const second = await launchEmbeddedDatabase(dataDir, ['--unsupervised'], command);
    const again = new pg.Client(second.ready.url);
    await again.connect();
    expect((await again.query('SELECT x FROM kept')).rows).toEqual([{ x: 1 }]);
    await again.end();
    expect(await second.stop()).toBe(0);
  }, 60_000);

  it('ends when its supervisor is killed: no engine is left behind', async () => {
    const database = await launchEmbeddedDatabase(preparedDataDir('orphan'), [], command);
    const pid = database.enginePid();
    database.process.kill('SIGKILL');
    for (let i = 0; i < 100 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isAlive(pid)).toBe(false);
  }, 60_000);

  it('says what is wrong with its arguments and leaves with the code for configuration', async () => {
    const child = spawn(
      process.execPath,
      ['--no-warnings', ...command, '--data-dir', testFolder('refused'), '--host', '0.0.0.0'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let complaint = '';
    child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(78);
    expect(JSON.parse(complaint)).toMatchObject({
      level: 'error',
      code: 'usage',
      message: expect.stringContaining('0.0.0.0'),
    });
  });

  it('survives the loss of its engine: clients are told, the next ones are served', async () => {
    const database = await launchEmbeddedDatabase(preparedDataDir('lost'), [], command);
    const client = new pg.Client(database.ready.url);
    client.on('error', () => {});
    await client.connect();
    await client.query('SELECT postgis_version()');
    await client.query('CREATE TABLE kept AS SELECT 7 AS x');
    // A self-intersecting ring in an overlay throws a C++ exception that PGlite cannot catch (electric-sql/pglite issue 916).
    const overlay = client.query(
      "SELECT ST_Intersection('POLYGON((0 0,2 2,2 0,0 2,0 0))'::geometry, 'POLYGON((0 0,3 1,1 3,0 0))'::geometry)",
    );
    const code = await overlay.then(
      () => 'answered',
      (error: { code?: string }) => error.code,
    );
    expect(code).toBe('58000');
    for (let served = false; !served;) {
      const next = new pg.Client(database.ready.url);
      next.on('error', () => {});
      try {
        await next.connect();
        expect((await next.query('SELECT x FROM kept')).rows).toEqual([{ x: 7 }]);
        served = true;
      } catch (error) {
        if ((error as { matcherResult?: unknown }).matcherResult) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      } finally {
        await next.end().catch(() => {});
      }
    }
    await client.end().catch(() => {});
    expect(await database.stop()).toBe(0);
  }, 90_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
