import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { FrameReader, ProtocolViolation } from './frame-reader.js';
import { type SessionEffect, type SqlTraits, traitsOf } from './sql-statements.js';
import {
  authenticationOk,
  backendKeyData,
  copyInResponse,
  errorResponse,
  message,
  readyForQuery,
  simpleQuery,
} from './wire.js';

/** What one client asks of the backend in one go: everything up to Query, Sync, Flush or the end of a COPY. */
export interface Unit {
  /** Absent for the gateway's own housekeeping. */
  readonly session?: ClientSession;
  readonly bytes: Buffer;
  /** The backend must end its answer with ReadyForQuery. */
  readonly expectsReady: boolean;
  /** The gateway has already answered CopyInResponse. */
  readonly copyIn?: boolean;
  readonly effects?: readonly SessionEffect[];
}

export interface SessionHost {
  readonly limits: GatewayLimits;
  /** ParameterStatus messages of the backend; undefined while the database is still opening. */
  readonly parameters: Buffer | undefined;
  enqueue(unit: Unit): void;
  cancel(processId: number, secret: number): void;
  closed(session: ClientSession): void;
  /** The client has read what it was sent: its units may run again. */
  drained(): void;
}

export interface GatewayLimits {
  readonly maximumMessageBytes: number;
  readonly maximumCopyBytes: number;
  /** A larger answer ends the connection: the whole of it has to be held until the backend is done. */
  readonly maximumResultBytes: number;
  /** Unsent bytes above which a client's further units wait. */
  readonly highWaterBytes: number;
  /** Units a client may have waiting before the gateway stops reading from it. */
  readonly maximumQueuedUnits: number;
  readonly maximumClients: number;
  /** A transaction whose owner stays silent this long is rolled back and its connection ended (SQLSTATE 25P03). */
  readonly idleInTransactionMs: number;
}

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const PROTOCOL_3 = 196608;
/** Startup parameters that are not settings of the session. */
const NOT_SETTINGS = new Set(['user', 'database', 'replication', 'options', 'application_name', 'client_encoding']);

const TYPE = {
  query: 'Q',
  parse: 'P',
  bind: 'B',
  execute: 'E',
  describe: 'D',
  close: 'C',
  sync: 'S',
  flush: 'H',
  functionCall: 'F',
  copyData: 'd',
  copyDone: 'c',
  copyFail: 'f',
  terminate: 'X',
} as const;
const ENDS_UNIT: ReadonlySet<string> = new Set([TYPE.query, TYPE.sync, TYPE.flush, TYPE.functionCall]);

/** One connected client: frames in, units of work out; the settings, channels and names PostgreSQL would keep per session. */
export class ClientSession {
  readonly secret = randomInt(1, 2 ** 31 - 1);
  readonly channels = new Set<string>();
  readonly statements = new Set<string>();
  readonly startupSettings = new Map<string, string>();
  settings = new Map<string, string>();
  staged: SessionEffect[] = [];
  queuedUnits = 0;
  dead = false;
  /** After a cancelled Flush: everything up to Sync is ignored, as after an error. */
  skipUntilSync = false;
  lastActivity = performance.now();
  readonly #frames: FrameReader;
  readonly #prefix: Buffer;
  #started = false;
  #unit: Buffer[] = [];
  #effects: SessionEffect[] = [];
  #copy: { parts: Buffer[]; bytes: number; overflow: boolean } | undefined;

  constructor(
    readonly id: number,
    private readonly socket: Socket,
    private readonly host: SessionHost,
  ) {
    this.#frames = new FrameReader(host.limits.maximumMessageBytes);
    this.#prefix = Buffer.from(`c${id}_`);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('data', (chunk) => {
      this.lastActivity = performance.now();
      this.#frames.push(chunk);
      this.process();
    });
    socket.on('drain', () => host.drained());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.dead = true;
      host.closed(this);
    });
  }

  /** Too much is waiting to be read by the client; running more of its units would only pile up. */
  get blocked(): boolean {
    return this.socket.writableLength > this.host.limits.highWaterBytes;
  }

  send(pieces: readonly Buffer[]): void {
    if (this.dead || pieces.length === 0) return;
    this.socket.cork();
    for (const piece of pieces) this.socket.write(piece);
    this.socket.uncork();
  }

  /** Ends the connection with a FATAL error. */
  terminate(sqlState: string, sentence: string): void {
    if (this.dead) return;
    this.dead = true;
    this.socket.end(errorResponse('FATAL', sqlState, sentence));
    setTimeout(() => this.socket.destroy(), 1_000).unref();
  }

  /** A unit of this client was finished or dropped. */
  unitDone(): void {
    this.queuedUnits--;
    this.lastActivity = performance.now();
    if (this.socket.isPaused() && this.queuedUnits <= this.host.limits.maximumQueuedUnits / 2) {
      this.socket.resume();
      this.process();
    }
  }

  /** Works through what has arrived. Called again by the gateway once the database is open. */
  process(): void {
    try {
      while (!this.dead && (this.#started ? this.#nextMessage() : this.#nextStartup()));
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.terminate(error.sqlState, error.message);
    }
  }

  #nextStartup(): boolean {
    if (!this.host.parameters) return false;
    const packet = this.#frames.nextStartup();
    if (!packet) return false;
    const code = packet.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) return this.socket.write('N') || true;
    if (code === CANCEL_REQUEST) {
      if (packet.length >= 16) this.host.cancel(packet.readInt32BE(8), packet.readInt32BE(12));
      this.socket.end();
      return false;
    }
    if (code !== PROTOCOL_3 && code >> 16 !== 3)
      throw new ProtocolViolation('0A000', `unsupported frontend protocol ${code >> 16}.${code & 0xffff}`);
    this.#readStartup(packet);
    this.#started = true;
    this.send([authenticationOk(), this.host.parameters, backendKeyData(this.id, this.secret), readyForQuery()]);
    return true;
  }

  #readStartup(packet: Buffer): void {
    const fields = packet.toString('utf8', 8).split('\0');
    for (let i = 0; i + 1 < fields.length && fields[i] !== ''; i += 2) {
      const [name, value] = [fields[i]!, fields[i + 1]!];
      if (name === 'replication' && value !== 'false')
        throw new ProtocolViolation('0A000', 'the embedded database does not replicate');
      if (name === 'options')
        for (const match of value.matchAll(/(?:-c\s*|--)([\w.]+)=((?:\\.|[^\s\\])+)/g))
          this.#startWith(match[1]!, match[2]!.replace(/\\(.)/g, '$1'));
      else if (!NOT_SETTINGS.has(name) && !name.startsWith('_pq_.')) this.#startWith(name, value);
    }
    this.settings = new Map(this.startupSettings);
  }

  #startWith(name: string, value: string): void {
    const setting = name.toLowerCase();
    this.startupSettings.set(setting, setting === 'search_path' ? value : `'${value.replaceAll("'", "''")}'`);
  }

  #nextMessage(): boolean {
    if (this.queuedUnits >= this.host.limits.maximumQueuedUnits) {
      this.socket.pause();
      return false;
    }
    const frame = this.#frames.next();
    if (!frame) return false;
    const type = String.fromCharCode(frame[0]!);
    if (type === TYPE.terminate) {
      this.socket.end();
      this.dead = true;
      return false;
    }
    if (this.#copy) this.#copyMessage(type, frame, this.#copy);
    else if (this.skipUntilSync) this.#skipMessage(type);
    else this.#message(type, frame);
    return true;
  }

  #skipMessage(type: string): void {
    if (type !== TYPE.sync) return;
    this.skipUntilSync = false;
    this.send([readyForQuery()]);
  }

  #message(type: string, frame: Buffer): void {
    let bytes = frame;
    if (type === TYPE.query) {
      const traits = traitsOf(frame.toString('utf8', 5, frame.length - 1));
      if (traits.copyFromStdin === 'only') return this.#startCopy(frame, traits);
      if (traits.copyFromStdin === 'mixed')
        bytes = simpleQuery(
          refusal('0A000', 'COPY FROM STDIN must be the only statement of its query in the embedded database'),
        );
      else this.#effects.push(...traits.effects);
    } else if (type === TYPE.parse) bytes = this.#parse(frame);
    else bytes = this.#rename(type, frame);
    this.#unit.push(bytes);
    if (!ENDS_UNIT.has(type)) return;
    this.#enqueue({
      session: this,
      bytes: this.#unit.length === 1 ? bytes : Buffer.concat(this.#unit),
      expectsReady: type !== TYPE.flush,
      effects: this.#effects,
    });
    this.#unit = [];
    this.#effects = [];
  }

  #enqueue(unit: Unit): void {
    this.queuedUnits++;
    this.host.enqueue(unit);
  }

  #parse(frame: Buffer): Buffer {
    const nameEnd = frame.indexOf(0, 5);
    const sqlEnd = frame.indexOf(0, nameEnd + 1);
    const traits = traitsOf(frame.toString('utf8', nameEnd + 1, sqlEnd));
    this.#effects.push(...traits.effects);
    if (nameEnd > 5) this.statements.add(this.#prefix + frame.toString('utf8', 5, nameEnd));
    if (traits.copyFromStdin === 'none') return this.#rename(TYPE.parse, frame);
    // The backend cannot wait for more input, so this form would end it: it raises an error instead.
    const sql = Buffer.from(
      refusal('0A000', 'COPY FROM STDIN needs the simple query protocol in the embedded database'),
    );
    return this.#rename(
      TYPE.parse,
      message('P', Buffer.concat([frame.subarray(5, nameEnd + 1), sql, Buffer.from([0, 0, 0])])),
    );
  }

  /** Statement and portal names are per session in PostgreSQL, but all clients share one backend: each name gets the client's prefix. */
  #rename(type: string, frame: Buffer): Buffer {
    const places: number[] = [];
    if (type === TYPE.parse || type === TYPE.execute) places.push(5);
    else if (type === TYPE.bind) places.push(5, frame.indexOf(0, 5) + 1);
    else if (type === TYPE.describe || type === TYPE.close) places.push(6);
    const named = places.filter((place) => frame[place] !== 0);
    if (named.length === 0) return frame;
    const pieces: Buffer[] = [];
    let from = 1;
    for (const place of named) {
      pieces.push(frame.subarray(from, place), this.#prefix);
      from = place;
    }
    pieces.push(frame.subarray(from));
    return message(type, Buffer.concat(pieces).subarray(4));
  }

  #startCopy(query: Buffer, traits: SqlTraits): void {
    this.#copy = { parts: [query], bytes: 0, overflow: false };
    this.send([copyInResponse(traits.copyBinary)]);
  }

  #copyMessage(type: string, frame: Buffer, copy: { parts: Buffer[]; bytes: number; overflow: boolean }): void {
    if (type === TYPE.sync || type === TYPE.flush) return;
    copy.bytes += frame.length;
    if (copy.bytes > this.host.limits.maximumCopyBytes) {
      copy.overflow = true;
      copy.parts.length = 0;
    } else copy.parts.push(frame);
    if (type !== TYPE.copyDone && type !== TYPE.copyFail) return;
    this.#copy = undefined;
    const bytes = copy.overflow
      ? simpleQuery(refusal('54000', `COPY of more than ${this.host.limits.maximumCopyBytes} bytes: send it in parts`))
      : Buffer.concat(copy.parts);
    this.#enqueue({ session: this, bytes, expectsReady: true, copyIn: !copy.overflow });
  }
}

/** SQL that makes the backend itself raise the error, so that the transaction's state stays the backend's business. */
function refusal(sqlState: string, sentence: string): string {
  return `DO $refusal$BEGIN RAISE EXCEPTION USING ERRCODE = '${sqlState}', MESSAGE = '${sentence.replaceAll("'", "''")}'; END$refusal$`;
}
