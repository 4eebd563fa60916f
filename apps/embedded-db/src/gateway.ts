import { type AddressInfo, createServer, type Server } from 'node:net';
import { setImmediate as yieldToSockets } from 'node:timers/promises';
import { ClientSession, type GatewayLimits, type SessionHost, type Unit } from './client-session.js';
import { ResponseScanner } from './response-scanner.js';
import type { SessionEffect } from './sql-statements.js';
import { closeStatement, errorResponse, parameterStatus, readyForQuery, simpleQuery, sync } from './wire.js';

/** The one database session all clients share. PGlite in production. */
export interface Backend {
  /** Runs protocol messages to the end; the answer's bytes reach `sink` before the promise resolves. */
  execute(bytes: Buffer, sink: (chunk: Buffer) => void): Promise<void>;
  settings(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

const MEBIBYTE = 2 ** 20;

export const DEFAULT_LIMITS: GatewayLimits = {
  maximumMessageBytes: 128 * MEBIBYTE,
  maximumCopyBytes: 256 * MEBIBYTE,
  maximumResultBytes: 512 * MEBIBYTE,
  highWaterBytes: MEBIBYTE,
  maximumQueuedUnits: 64,
  maximumClients: 200,
  idleInTransactionMs: 30_000,
};

/** Reported to every client at connection, as PostgreSQL does. */
const REPORTED = [
  'server_version',
  'server_encoding',
  'client_encoding',
  'DateStyle',
  'TimeZone',
  'integer_datetimes',
  'standard_conforming_strings',
  'IntervalStyle',
];
/** Sockets get their turn at least this often while a long queue is worked off. */
const SLICE_MS = 5;

/**
 * Many PostgreSQL wire clients on one single-session backend, correctly:
 * units of work never interleave; whoever is inside a transaction (or between Flush and Sync) owns the backend until it
 * ends; settings, statement names and channels are kept per client; a backend that does not finish its answer is lost,
 * and everybody is told so.
 */
export class Gateway implements SessionHost {
  readonly stats = { units: 0, switches: 0, notifications: 0, clients: 0, watchdog: 0, cancelled: 0 };
  readonly limits: GatewayLimits;
  /** Called once when the backend is lost; the process is expected to end. */
  onFatal: (cause: string) => void = () => {};
  parameters: Buffer | undefined;
  readonly #server: Server;
  readonly #sessions = new Map<number, ClientSession>();
  #backend: Backend | undefined;
  #queue: Unit[] = [];
  #housekeeping: Buffer[] = [];
  #owner: ClientSession | undefined;
  #applied = new Map<string, string>();
  #nextId = 1;
  #running: Promise<void> | undefined;
  #stopping = false;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(limits: Partial<GatewayLimits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.#server = createServer((socket) => {
      const session = new ClientSession(this.#nextId++, socket, this);
      if (this.#sessions.size >= this.limits.maximumClients)
        return session.terminate('53300', `sorry, too many clients already (${this.limits.maximumClients})`);
      this.#sessions.set(session.id, session);
      this.stats.clients++;
    });
  }

  /** Binds the port first, then opens the database; clients that connect meanwhile simply wait. */
  async listen(open: () => Promise<Backend>, port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    try {
      this.#backend = await open();
      const settings = await this.#backend.settings(REPORTED);
      this.parameters = Buffer.concat(REPORTED.map((name) => parameterStatus(name, settings.get(name) ?? '')));
    } catch (error) {
      this.#server.close();
      for (const session of this.#sessions.values()) session.terminate('57P03', 'the database could not be opened');
      throw error;
    }
    for (const session of this.#sessions.values()) session.process();
    return (this.#server.address() as AddressInfo).port;
  }

  /** Lets the running unit finish, tells the clients (57P01), rolls back and closes the database. */
  async close(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#watchdog);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#running;
    for (const session of this.#sessions.values())
      session.terminate('57P01', 'terminating connection due to administrator command');
    if (this.#owner) await this.#execute(Buffer.concat([sync(), simpleQuery('ROLLBACK')]));
    await this.#backend?.close();
    await closed;
  }

  enqueue(unit: Unit): void {
    this.#queue.push(unit);
    this.drained();
  }

  drained(): void {
    if (this.#running || this.#stopping || !this.#backend) return;
    this.#running = this.#pump().finally(() => {
      this.#running = undefined;
      this.#armWatchdog();
      if (this.#next() !== undefined) this.drained();
    });
  }

  closed(session: ClientSession): void {
    this.#sessions.delete(session.id);
    this.#queue = this.#queue.filter((unit) => unit.session !== session);
    if (session.statements.size > 0)
      this.#housekeeping.push(Buffer.concat([...[...session.statements].map(closeStatement), sync()]));
    const orphans = [...session.channels].filter(
      (channel) => ![...this.#sessions.values()].some((other) => other.channels.has(channel)),
    );
    if (orphans.length > 0)
      this.#housekeeping.push(simpleQuery(orphans.map((channel) => `UNLISTEN ${quote(channel)}`).join(';')));
    this.drained();
  }

  /**
   * The backend cannot be interrupted, so a running statement ends by itself; one still waiting for its turn is
   * removed. Inside a transaction nothing of the client waits.
   */
  cancel(processId: number, secret: number): void {
    const session = this.#sessions.get(processId);
    if (!session || session.secret !== secret || session === this.#owner) return;
    const waiting = this.#queue.find((unit) => unit.session === session);
    if (!waiting) return;
    this.#queue.splice(this.#queue.indexOf(waiting), 1);
    this.stats.cancelled++;
    session.skipUntilSync = !waiting.expectsReady;
    session.send([
      errorResponse('ERROR', '57014', 'canceling statement due to user request'),
      ...(waiting.expectsReady ? [readyForQuery()] : []),
    ]);
    session.unitDone();
  }

  #next(): Unit | 'rollback' | 'housekeeping' | undefined {
    if (this.#owner?.dead) return 'rollback';
    if (this.#owner) return this.#owner.blocked ? undefined : this.#queue.find((unit) => unit.session === this.#owner);
    if (this.#housekeeping.length > 0) return 'housekeeping';
    return this.#queue.find((unit) => !unit.session!.blocked);
  }

  async #pump(): Promise<void> {
    let slice = performance.now();
    for (let next = this.#next(); next !== undefined && !this.#stopping; next = this.#next()) {
      if (next === 'rollback') {
        this.#owner!.staged = [];
        await this.#execute(Buffer.concat([sync(), simpleQuery('ROLLBACK')]));
        this.#owner = undefined;
      } else if (next === 'housekeeping') await this.#execute(this.#housekeeping.shift()!);
      else {
        this.#queue.splice(this.#queue.indexOf(next), 1);
        await this.#runUnit(next, next.session!);
      }
      if (performance.now() - slice > SLICE_MS) {
        await yieldToSockets();
        slice = performance.now();
      }
    }
  }

  async #runUnit(unit: Unit, session: ClientSession): Promise<void> {
    if (!this.#owner && !(await this.#switchTo(session))) return;
    this.stats.units++;
    const response = await this.#execute(unit.bytes, unit.copyIn, unit.expectsReady, session);
    if (!response) return;
    const { facts } = response;
    if (facts.status !== undefined) this.#owner = facts.status === 'I' ? undefined : session;
    if (!unit.expectsReady) this.#owner = session;
    this.#settle(session, unit.effects ?? [], response);
    if (response.overflowed)
      session.terminate('54000', `a result of more than ${this.limits.maximumResultBytes} bytes: read it in parts`);
    else session.send(response.pieces);
    for (const { channel, message } of facts.notifications) {
      this.stats.notifications++;
      for (const listener of this.#sessions.values()) if (listener.channels.has(channel)) listener.send([message]);
    }
    session.unitDone();
  }

  /** SET and LISTEN last when their transaction commits, and vanish when it does not. */
  #settle(session: ClientSession, effects: readonly SessionEffect[], { facts }: ResponseScanner): void {
    if (effects.length > 0) session.staged.push(...effects);
    if (facts.status !== 'I' || session.staged.length === 0) return;
    const staged = session.staged;
    session.staged = [];
    if (facts.error !== undefined || facts.rolledBack) return;
    for (const effect of staged) {
      if (effect.kind === 'listen') session.channels.add(effect.channel);
      else if (effect.kind === 'unlisten') this.#unlisten(session, effect.channel);
      else this.#remember(session, effect.name, effect.value);
    }
  }

  #unlisten(session: ClientSession, channel: string | undefined): void {
    if (channel === undefined) session.channels.clear();
    else session.channels.delete(channel);
    const wanted = new Set([...this.#sessions.values()].flatMap((other) => [...other.channels]));
    if (wanted.size > 0)
      this.#housekeeping.push(simpleQuery([...wanted].map((name) => `LISTEN ${quote(name)}`).join(';')));
  }

  #remember(session: ClientSession, name: string | undefined, value: string | undefined): void {
    if (name === undefined) {
      session.settings = new Map(session.startupSettings);
      this.#applied = new Map();
    } else if (value === undefined) {
      const initial = session.startupSettings.get(name);
      if (initial === undefined) session.settings.delete(name);
      else session.settings.set(name, initial);
      this.#applied.delete(name);
    } else {
      session.settings.set(name, value);
      this.#applied.set(name, value);
    }
  }

  /** Brings the shared backend's settings to this client's. */
  async #switchTo(session: ClientSession): Promise<boolean> {
    const { settings } = session;
    const changes: string[] = [];
    for (const name of this.#applied.keys()) if (!settings.has(name)) changes.push(`RESET ${settingName(name)}`);
    for (const [name, value] of settings)
      if (this.#applied.get(name) !== value) changes.push(`SET ${settingName(name)} TO ${value}`);
    if (changes.length === 0) return true;
    this.stats.switches++;
    const response = await this.#execute(simpleQuery(changes.join(';')));
    if (!response) return false;
    if (response.facts.error !== undefined) {
      session.terminate('22023', response.facts.error);
      return false;
    }
    this.#applied = new Map(settings);
    return true;
  }

  /** Runs messages on the backend. Undefined when the backend was lost. */
  async #execute(
    bytes: Buffer,
    hideCopyIn = false,
    expectsReady = true,
    session?: ClientSession,
  ): Promise<ResponseScanner | undefined> {
    const response = new ResponseScanner(hideCopyIn, this.limits.maximumResultBytes);
    try {
      await this.#backend!.execute(bytes, (chunk) => response.push(chunk));
    } catch (error) {
      this.#fail(`the database engine failed: ${(error as Error).message}`, session);
      return undefined;
    }
    // A C++ exception inside WASM (a GEOS TopologyException) is swallowed by PGlite: no error, no ReadyForQuery, unknown state.
    if (expectsReady && !response.facts.complete) {
      this.#fail(
        'the database engine was lost (an uncaught exception inside it, e.g. an invalid geometry in an overlay)',
        session,
      );
      return undefined;
    }
    return response;
  }

  /** As a postmaster after the crash of a backend: everybody is disconnected, the supervisor starts anew, the write-ahead log does the rest. */
  #fail(cause: string, culprit: ClientSession | undefined): void {
    if (this.#stopping) return;
    this.#stopping = true;
    clearTimeout(this.#watchdog);
    this.#queue = [];
    this.#server.close();
    culprit?.terminate('58000', cause);
    for (const session of this.#sessions.values()) session.terminate('57P02', `terminating connection: ${cause}`);
    setTimeout(() => this.onFatal(cause), 20);
  }

  #armWatchdog(): void {
    clearTimeout(this.#watchdog);
    const owner = this.#owner;
    if (!owner || this.#stopping || this.limits.idleInTransactionMs === 0) return;
    const left = Math.max(0, owner.lastActivity + this.limits.idleInTransactionMs - performance.now());
    this.#watchdog = setTimeout(() => {
      if (this.#owner !== owner || this.#running) return;
      if (performance.now() - owner.lastActivity < this.limits.idleInTransactionMs) return this.#armWatchdog();
      this.stats.watchdog++;
      owner.terminate('25P03', 'terminating connection due to idle-in-transaction timeout');
      this.drained();
    }, left + 1).unref();
  }
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const settingName = (name: string): string => name.split('.').map(quote).join('.');
