import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { preparedDataDir } from '../../../test/support/medium.js';
import { fromSource } from '../../../test/support/sources.js';
import { type LaunchedDatabase, launchEmbeddedDatabase } from './launch.js';

/** What PostgreSQL does, the gateway must do: each expectation here is PostgreSQL's documented behaviour. */
const IDLE_LIMIT_MS = 1_500;
let database: LaunchedDatabase;
const clients: pg.Client[] = [];

async function connect(options: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.ready.url, ...options });
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}
const socketOf = (client: pg.Client): Socket =>
  (client as unknown as { connection: { stream: Socket } }).connection.stream;
const value = async (client: pg.Client, sql: string, parameters?: unknown[]): Promise<unknown> =>
  Object.values((await client.query<Record<string, unknown>>(sql, parameters)).rows[0]!)[0];

beforeAll(async () => {
  database = await launchEmbeddedDatabase(
    preparedDataDir('gateway'),
    ['--unsupervised', '--idle-in-transaction-ms', String(IDLE_LIMIT_MS)],
    fromSource('apps/embedded-db/src/main.ts'),
  );
  const client = await connect();
  await client.query('CREATE TABLE probe (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int, d bytea)');
}, 60_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => {})));
  expect(await database.stop()).toBe(0);
});

describe('sessions on one backend', () => {
  it('keeps statements of the same name apart', async () => {
    const [a, b] = [await connect(), await connect()];
    const [x, y] = await Promise.all([
      a.query({ name: 's', text: 'SELECT 1 AS one' }),
      b.query({ name: 's', text: 'SELECT 2 AS two, $1::text AS t', values: ['q'] }),
    ]);
    expect([x.rows, y.rows]).toEqual([[{ one: 1 }], [{ two: 2, t: 'q' }]]);
    expect((await a.query({ name: 's', text: 'SELECT 1 AS one' })).rows).toEqual([{ one: 1 }]);
    const before = await value(b, "SELECT count(*)::int FROM pg_prepared_statements WHERE name LIKE 'c%'");
    await a.end();
    await sleep(50);
    expect(await value(b, "SELECT count(*)::int FROM pg_prepared_statements WHERE name LIKE 'c%'")).toBe(
      (before as number) - 1,
    );
  });

  it('keeps settings apart: SET, its rollback, RESET, and those of the connection', async () => {
    const a = await connect({ options: '-c search_path=pg_catalog,public -c TimeZone=Europe/Prague' });
    const b = await connect();
    const zone = (client: pg.Client) => value(client, "SELECT current_setting('timezone')");
    const initial = await zone(b);
    expect(await zone(a)).toBe('Europe/Prague');
    await a.query("SET timezone TO 'Asia/Tokyo'");
    expect([await zone(b), await zone(a)]).toEqual([initial, 'Asia/Tokyo']);
    await a.query("BEGIN; SET timezone TO 'America/Santiago'; ROLLBACK");
    expect([await zone(b), await zone(a)]).toEqual([initial, 'Asia/Tokyo']);
    await a.query('BEGIN');
    await a.query("SET timezone TO 'America/Santiago'");
    await a.query('COMMIT');
    expect([await zone(b), await zone(a)]).toEqual([initial, 'America/Santiago']);
    await a.query('RESET ALL');
    expect([await zone(b), await zone(a)]).toEqual([initial, 'Europe/Prague']);
    expect(await value(a, "SELECT current_setting('search_path')")).toBe('pg_catalog, public');
  });

  it('refuses a connection whose settings the server refuses', async () => {
    const client = new pg.Client({ connectionString: database.ready.url, options: '-c timezone=Nowhere/Land' });
    client.on('error', () => {});
    await client.connect();
    await expect(client.query('SELECT 1')).rejects.toMatchObject({
      code: '22023',
      message: expect.stringContaining('Nowhere/Land'),
    });
  });

  it('serves sixty clients', async () => {
    const many = await Promise.all(Array.from({ length: 60 }, () => connect()));
    expect(await Promise.all(many.map((client, i) => value(client, 'SELECT $1::int', [i])))).toEqual(
      many.map((_, i) => i),
    );
    await Promise.all(many.map((client) => client.end()));
  });
});

describe('transactions', () => {
  it('never mix: four pools of four, transactions and rollbacks among single statements', async () => {
    const admin = await connect();
    await admin.query('CREATE TABLE mixed (pool int, n int)');
    const pools = Array.from({ length: 4 }, () => new pg.Pool({ connectionString: database.ready.url, max: 4 }));
    let wrong = 0;
    const work = async (pool: pg.Pool, me: number, n: number) => {
      if (n % 3 === 0) await pool.query('INSERT INTO mixed VALUES ($1, $2)', [me, n]);
      else if (n % 3 === 1) {
        const { rows } = await pool.query<{ a: number; b: string }>('SELECT $1::int AS a, $2::text AS b', [
          me * 1000 + n,
          `p${me}`,
        ]);
        if (rows[0]!.a !== me * 1000 + n || rows[0]!.b !== `p${me}`) wrong++;
      } else {
        const client = await pool.connect();
        await client.query('BEGIN');
        await client.query('INSERT INTO mixed VALUES ($1, $2)', [me, n]);
        await sleep(1);
        const { rows } = await client.query<{ x: number }>('SELECT $1::int AS x', [me]);
        if (rows[0]!.x !== me) wrong++;
        await client.query(n % 2 === 0 ? 'COMMIT' : 'ROLLBACK');
        client.release();
      }
    };
    await Promise.all(pools.flatMap((pool, me) => Array.from({ length: 60 }, (_, n) => work(pool, me, n))));
    await Promise.all(pools.map((pool) => pool.end()));
    expect(wrong).toBe(0);
    // Of n = 0..59: 20 single inserts, and of the 20 transactions (n = 2, 5, 8, ...) the 10 even ones were committed.
    expect((await admin.query('SELECT pool, count(*)::int AS n FROM mixed GROUP BY pool ORDER BY pool')).rows).toEqual(
      [0, 1, 2, 3].map((pool) => ({ pool, n: 30 })),
    );
  });

  it('stay usable after an error, and let others in after the rollback', async () => {
    const [a, b] = [await connect(), await connect()];
    await expect(a.query('SELECT $1::int / 0', [1])).rejects.toMatchObject({ code: '22012' });
    await a.query('BEGIN');
    await expect(a.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
    await expect(a.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    const waiting = value(b, 'SELECT 7');
    await a.query('ROLLBACK');
    expect(await waiting).toBe(7);
    expect(await value(a, 'SELECT 5')).toBe(5);
  });

  it('vanish with a client that is killed in the middle', async () => {
    const [a, b] = [await connect(), await connect()];
    await a.query('BEGIN');
    await a.query('INSERT INTO probe (v) VALUES (999)');
    const waiting = value(b, 'SELECT count(*)::int FROM probe WHERE v = 999');
    socketOf(a).destroy();
    expect(await waiting).toBe(0);
  });

  it('vanish with a client that dies while its statement runs', async () => {
    const [a, b] = [await connect(), await connect()];
    await a.query('BEGIN');
    await a.query('INSERT INTO probe (v) VALUES (998)');
    const running = a.query('SELECT count(*) FROM generate_series(1, 1000000)').catch(() => {});
    await sleep(20);
    socketOf(a).destroy();
    await running;
    expect(await value(b, 'SELECT count(*)::int FROM probe WHERE v = 998')).toBe(0);
  });

  it('are ended by the watchdog when their client falls silent (25P03)', async () => {
    const [a, b] = [await connect(), await connect()];
    const ended = once(a, 'error').catch((error: unknown) => [error]);
    await a.query('BEGIN');
    await a.query('INSERT INTO probe (v) VALUES (997)');
    const start = performance.now();
    expect(await value(b, 'SELECT count(*)::int FROM probe WHERE v = 997')).toBe(0);
    expect(performance.now() - start).toBeGreaterThan(IDLE_LIMIT_MS * 0.8);
    expect((await ended)[0]).toMatchObject({ code: '25P03' });
  });

  it('are left alone as long as their client works', async () => {
    const a = await connect();
    await a.query('BEGIN');
    for (let i = 0; i < 5; i++) {
      await sleep(IDLE_LIMIT_MS / 3);
      await a.query('SELECT 1');
    }
    await a.query('COMMIT');
  });

  it('keep a portal that is read in parts, between Flush and Sync', async () => {
    const [a, b] = [await connect(), await connect()];
    const read = a.query({
      text: 'SELECT g FROM generate_series(1, 100) g WHERE g > $1',
      values: [0],
      rows: 7,
    } as pg.QueryConfig);
    const others = Promise.all(Array.from({ length: 20 }, (_, i) => value(b, 'SELECT $1::int', [i])));
    expect((await read).rows.map((row: { g: number }) => row.g)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(await others).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});

describe('cancelling', () => {
  it('removes a statement that waits for its turn (57014), with the right key only', async () => {
    const [holder, waiter] = [await connect(), await connect()];
    await holder.query('BEGIN');
    const waiting = value(waiter, 'SELECT 1');
    const { processID, secretKey } = waiter as unknown as { processID: number; secretKey: number };
    await sendCancel(processID, secretKey ^ 1);
    await sendCancel(processID, secretKey);
    await expect(waiting).rejects.toMatchObject({ code: '57014' });
    await holder.query('COMMIT');
    expect(await value(waiter, 'SELECT 2')).toBe(2);
  });

  async function sendCancel(processId: number, secret: number): Promise<void> {
    const packet = Buffer.alloc(16);
    for (const [i, word] of [16, 80877102, processId, secret].entries()) packet.writeInt32BE(word, i * 4);
    const socket = createConnection(database.ready.port, database.ready.host);
    socket.end(packet);
    socket.resume();
    await once(socket, 'close');
  }
});

describe('notifications', () => {
  it('reach every listener, once, and nobody else', async () => {
    const [a, b, c, sender] = [await connect(), await connect(), await connect(), await connect()];
    const heard: string[] = [];
    for (const [name, client] of Object.entries({ a, b, c }))
      client.on('notification', ({ channel, payload }) => heard.push(`${name} ${channel} ${payload}`));
    await a.query('-- wake me\nLISTEN sky');
    await b.query('LISTEN "sky"; LISTEN other');
    await c.query('BEGIN; LISTEN sky; ROLLBACK');
    await sender.query("BEGIN; SELECT pg_notify('sky', '1')");
    await sleep(50);
    expect(heard).toEqual([]);
    await sender.query('COMMIT');
    await a.query('UNLISTEN sky');
    await sender.query("NOTIFY sky, '2'; NOTIFY other, '3'");
    await sender.query("NOTIFY other, '4'");
    await sleep(100);
    expect(heard.sort()).toEqual(['a sky 1', 'b other 3', 'b other 4', 'b sky 1', 'b sky 2']);
  });
});

describe('bulk data', () => {
  const numbers = function* (count: number) {
    for (let i = 0; i < count; i += 1000) yield `${Array.from({ length: 1000 }, (_, k) => i + k).join('\n')}\n`;
  };

  it('comes in by COPY, and goes out by COPY', async () => {
    const [a, b] = [await connect(), await connect()];
    await a.query('CREATE TABLE copied (v int)');
    await pipeline(Readable.from(numbers(100_000)), a.query(copyFrom('/* load */ COPY copied (v) FROM STDIN')));
    expect(await value(b, 'SELECT sum(v)::float8 FROM copied')).toBe((100_000 * 99_999) / 2);
    let lines = 0;
    for await (const chunk of b.query(copyTo('COPY copied TO STDOUT')) as AsyncIterable<Buffer>)
      lines += chunk.filter((byte) => byte === 10).length;
    expect(lines).toBe(100_000);
  });

  it('leaves nothing of a COPY that fails, is given up or is rolled back', async () => {
    const [a, b] = [await connect(), await connect()];
    await a.query('CREATE TABLE failed_copy (v int)');
    const copy = (lines: Iterable<string>) =>
      pipeline(Readable.from(lines), a.query(copyFrom('COPY failed_copy FROM STDIN')));
    await expect(copy(['1\n', 'x\n'])).rejects.toMatchObject({ code: '22P02' });
    await expect(pipeline(Readable.from(['1\n']), a.query(copyFrom('COPY nowhere FROM STDIN')))).rejects.toMatchObject({
      code: '42P01',
    });
    const given = a.query(copyFrom('COPY failed_copy FROM STDIN'));
    const abandoned = once(given, 'error');
    given.write('5\n');
    given.destroy();
    expect((await abandoned)[0]).toMatchObject({ code: '57014' });
    await a.query('BEGIN');
    await copy(['1\n', '2\n']);
    expect(await value(a, 'SELECT count(*)::int FROM failed_copy')).toBe(2);
    await a.query('ROLLBACK');
    expect(await value(b, 'SELECT count(*)::int FROM failed_copy')).toBe(0);
  });

  it('refuses the forms of COPY FROM STDIN that would end the engine, and goes on', async () => {
    const a = await connect();
    await a.query('CREATE TABLE refused_copy (v int)');
    await expect(a.query({ text: 'COPY refused_copy FROM STDIN', name: 'copying' })).rejects.toMatchObject({
      code: '0A000',
    });
    await expect(a.query('SELECT 1; COPY refused_copy FROM STDIN')).rejects.toMatchObject({ code: '0A000' });
    expect(await value(a, 'SELECT count(*)::int FROM refused_copy')).toBe(0);
  });

  it('passes 20 MB through a parameter and a result, and 200 000 rows', async () => {
    const a = await connect();
    const bytes = Buffer.alloc(20_000_000, 7);
    await a.query('INSERT INTO probe (d) VALUES ($1)', [bytes]);
    const { rows } = await a.query<{ d: Buffer }>('SELECT d FROM probe WHERE d IS NOT NULL');
    expect(rows[0]!.d.equals(bytes)).toBe(true);
    const many = await a.query<{ g: number; h: string }>(
      'SELECT g, md5(g::text) AS h FROM generate_series(1, 200000) g',
    );
    expect(many.rows.length).toBe(200_000);
    expect(many.rows.every(({ g }, i) => g === i + 1)).toBe(true);
  });

  it('refuses bytes that are not the protocol', async () => {
    const socket = createConnection(database.ready.port, database.ready.host);
    socket.write('GET / HTTP/1.1\r\nHost: sky\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString('latin1')).toContain('08P01');
    socket.destroy();
  });
});
