/** What the gateway must know of a backend's answer while it passes through. */
export interface ResponseFacts {
  /** Status of the last ReadyForQuery; undefined when there was none. */
  status?: 'I' | 'T' | 'E';
  /** The last message was ReadyForQuery: the backend finished what it was asked. */
  complete: boolean;
  rolledBack: boolean;
  /** Message text of the first ErrorResponse. */
  error?: string;
  notifications: { readonly channel: string; readonly message: Buffer }[];
}

const HEADER = 5;
const [READY, NOTIFICATION, COPY_IN, COMMAND_COMPLETE, ERROR] = ['Z', 'A', 'G', 'C', 'E'].map((type) =>
  type.charCodeAt(0),
);

/**
 * Walks the messages of a response that arrives in chunks cut anywhere, notes what matters, and keeps back what must not
 * reach the client (notifications, which belong to whoever listens, and a CopyInResponse the gateway gave already).
 */
export class ResponseScanner {
  readonly facts: ResponseFacts = { complete: false, rolledBack: false, notifications: [] };
  readonly pieces: Buffer[] = [];
  bytes = 0;
  #partial: Buffer | undefined;
  #skip = 0;

  constructor(
    private readonly hideCopyIn: boolean,
    private readonly maximumBytes: number,
  ) {}

  get overflowed(): boolean {
    return this.bytes > this.maximumBytes;
  }

  push(data: Buffer): void {
    let chunk = data;
    if (this.#partial) {
      chunk = Buffer.concat([this.#partial, data]);
      this.#partial = undefined;
    }
    let kept = 0;
    let at = Math.min(this.#skip, chunk.length);
    this.#skip -= at;
    while (at < chunk.length) {
      if (chunk.length - at < HEADER) return this.#pause(chunk, kept, at);
      const type = chunk[at]!;
      const size = 1 + chunk.readInt32BE(at + 1);
      const mustRead =
        type === READY || type === NOTIFICATION || type === COPY_IN || type === COMMAND_COMPLETE || type === ERROR;
      if (mustRead && chunk.length - at < size) return this.#pause(chunk, kept, at);
      this.facts.complete = type === READY;
      if (mustRead && this.#read(type, chunk.subarray(at, at + size))) {
        this.#keep(chunk.subarray(kept, at));
        kept = at + size;
      }
      const here = Math.min(size, chunk.length - at);
      this.#skip = size - here;
      at += here;
    }
    this.#keep(chunk.subarray(kept));
  }

  /** Returns true when the message must not reach the client. */
  #read(type: number, message: Buffer): boolean {
    if (type === READY) this.facts.status = String.fromCharCode(message[HEADER]!) as 'I' | 'T' | 'E';
    else if (type === COMMAND_COMPLETE)
      this.facts.rolledBack ||= message.toString('latin1', HEADER, HEADER + 9) === 'ROLLBACK\0';
    else if (type === ERROR) this.facts.error ??= errorText(message);
    else if (type === NOTIFICATION) {
      const channel = message.toString('utf8', HEADER + 4, message.indexOf(0, HEADER + 4));
      this.facts.notifications.push({ channel, message: Buffer.from(message) });
      return true;
    }
    return type === COPY_IN && this.hideCopyIn;
  }

  #pause(chunk: Buffer, kept: number, at: number): void {
    this.#keep(chunk.subarray(kept, at));
    this.#partial = Buffer.from(chunk.subarray(at));
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.bytes += piece.length;
    if (this.overflowed) this.pieces.length = 0;
    else this.pieces.push(piece);
  }
}

function errorText(message: Buffer): string {
  for (let at = HEADER; at < message.length && message[at] !== 0;) {
    const end = message.indexOf(0, at);
    if (message[at] === 77) return message.toString('utf8', at + 1, end);
    at = end + 1;
  }
  return 'unknown error';
}
