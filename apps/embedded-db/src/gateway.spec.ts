import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { type Backend, Gateway } from './gateway.js';
import type { GatewayLimits } from './client-session.js';
import { FrameReader } from './frame-reader.js';
import { message, readyForQuery, simpleQuery, text } from './wire.js';

/** A backend that answers what the test says, and remembers what it was asked. */
class FakeBackend implements Backend {
  readonly asked: string[] = [];
  answer: (sql: string) => Buffer[] = () => [message('C', text('SELECT 0')), readyForQuery()];
  closed = false;
  execute(bytes: Buffer, sink: (chunk: Buffer) => void): Promise<void> {
    const sql = bytes.toString('latin1', 5, bytes.indexOf(0, 5));
    this.asked.push(sql);
    for (const chunk of this.answer(sql)) sink(chunk);
    return Promise.resolve();
  }
  settings = (names: readonly string[]) => Promise.resolve(new Map(names.map((name) => [name, 'x'])));
  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

let gateway: Gateway;
let backend: FakeBackend;
let port: number;
const sockets: Socket[] = [];

async function start(limits: Partial<GatewayLimits> = {}): Promise<void> {
  backend = new FakeBackend();
  gateway = new Gateway(limits);
  port = await gateway.listen(() => Promise.resolve(backend), 0, '127.0.0.1');
}

/** A client that has been greeted; `next` gives the messages as they come. */
async function connect(): Promise<{ socket: Socket; next(): Promise<{ type: string; body: string }> }> {
  const socket = createConnection(port, '127.0.0.1');
  sockets.push(socket);
  const reader = new FrameReader(1e9);
  socket.on('data', (chunk) => reader.push(chunk));
  const next = async () => {
    for (;;) {
      const frame = reader.next();
      if (frame) return { type: String.fromCharCode(frame[0]!), body: frame.toString('latin1', 5) };
      await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => Promise.reject(new Error('closed')))]);
    }
  };
  const startup = Buffer.concat([
    Buffer.alloc(4),
    Buffer.from([0, 3, 0, 0]),
    text('user'),
    text('x'),
    Buffer.from([0]),
  ]);
  startup.writeInt32BE(startup.length, 0);
  socket.write(startup);
  return { socket, next };
}

async function greeted(client: Awaited<ReturnType<typeof connect>>): Promise<typeof client> {
  while ((await client.next()).type !== 'Z');
  return client;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await gateway.close();
});

describe('the gateway', () => {
  it('tells everybody and calls for a restart when the backend does not finish its answer', async () => {
    await start();
    const [culprit, bystander] = [await greeted(await connect()), await greeted(await connect())];
    const lost = new Promise<string>((resolve) => (gateway.onFatal = resolve));
    backend.answer = () => [message('T', Buffer.alloc(2))];
    culprit.socket.write(simpleQuery('SELECT ST_Intersection(a, b)'));
    expect((await culprit.next()).body).toContain('C58000');
    expect((await bystander.next()).body).toContain('C57P02');
    expect(await lost).toContain('lost');
    expect(backend.asked).toEqual(['SELECT ST_Intersection(a, b)']);
  });

  it('refuses clients beyond the limit', async () => {
    await start({ maximumClients: 1 });
    await greeted(await connect());
    expect((await (await connect()).next()).body).toContain('C53300');
  });

  it('ends a connection whose result is larger than may be held, and no other', async () => {
    await start({ maximumResultBytes: 1_000 });
    const [greedy, modest] = [await greeted(await connect()), await greeted(await connect())];
    const usual = backend.answer;
    backend.answer = (sql) => (sql === 'all' ? [message('D', Buffer.alloc(2_000)), readyForQuery()] : usual(sql));
    greedy.socket.write(simpleQuery('all'));
    expect((await greedy.next()).body).toContain('C54000');
    modest.socket.write(simpleQuery('one'));
    expect((await modest.next()).type).toBe('C');
  });

  it('raises an error in the backend for a COPY beyond the limit', async () => {
    await start({ maximumCopyBytes: 1_000 });
    const client = await greeted(await connect());
    client.socket.write(simpleQuery('COPY t FROM STDIN'));
    expect((await client.next()).type).toBe('G');
    for (let i = 0; i < 30; i++) client.socket.write(message('d', Buffer.alloc(100, 49)));
    client.socket.write(message('c', Buffer.alloc(0)));
    await client.next();
    expect(backend.asked).toHaveLength(1);
    expect(backend.asked[0]).toMatch(/RAISE EXCEPTION.*54000.*more than 1000 bytes/);
  });

  it('runs no more units of a client that does not read its results, and serves the others', async () => {
    await start({ highWaterBytes: 1_000 });
    const [lazy, other] = [await greeted(await connect()), await greeted(await connect())];
    lazy.socket.pause();
    const big = message('D', Buffer.alloc(8_000_000));
    const usual = backend.answer;
    backend.answer = (sql) => (sql === 'big' ? [big, readyForQuery()] : usual(sql));
    for (let i = 0; i < 10; i++) lazy.socket.write(simpleQuery('big'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    other.socket.write(simpleQuery('small'));
    expect((await other.next()).type).toBe('C');
    const ran = backend.asked.filter((sql) => sql === 'big').length;
    expect(ran).toBeLessThan(10);
    lazy.socket.resume();
    for (let ready = 0; ready < 10;) if ((await lazy.next()).type === 'Z') ready++;
    expect(backend.asked.filter((sql) => sql === 'big')).toHaveLength(10);
  });

  it('rolls an open transaction back, says goodbye and closes the database when it stops', async () => {
    await start();
    const client = await greeted(await connect());
    backend.answer = (sql) => [message('C', text(sql)), readyForQuery(sql === 'BEGIN' ? 'T' : 'I')];
    client.socket.write(simpleQuery('BEGIN'));
    await client.next();
    await client.next();
    await gateway.close();
    expect((await client.next()).body).toContain('C57P01');
    expect(backend.asked).toHaveLength(2); // BEGIN, and Sync + ROLLBACK
    expect(backend.closed).toBe(true);
    await start();
  });
});
