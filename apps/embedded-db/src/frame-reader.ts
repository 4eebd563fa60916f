/** A client that does not speak the protocol, or sends more than it may. Ends the connection. */
export class ProtocolViolation extends Error {
  constructor(
    readonly sqlState: string,
    message: string,
  ) {
    super(message);
    this.name = 'ProtocolViolation';
  }
}

/** Collects socket chunks and cuts them into messages; never copies a byte twice, however the chunks fall. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(private readonly maximumBytes: number) {}

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The untyped first message (startup, SSL request, cancel request), or undefined until it is complete. */
  nextStartup(): Buffer | undefined {
    const header = this.#peek(4);
    if (!header) return undefined;
    const length = header.readInt32BE(0);
    if (length < 8 || length > 10_000)
      throw new ProtocolViolation('08P01', `invalid length of startup packet: ${length}`);
    return this.#take(length);
  }

  /** The next typed message including its 5-byte header, or undefined until it is complete. */
  next(): Buffer | undefined {
    const header = this.#peek(5);
    if (!header) return undefined;
    const length = header.readInt32BE(1);
    if (length < 4) throw new ProtocolViolation('08P01', `invalid message length: ${length}`);
    if (length > this.maximumBytes)
      throw new ProtocolViolation('54000', `a message of ${length} bytes exceeds the limit of ${this.maximumBytes}`);
    return this.#take(1 + length);
  }

  #peek(size: number): Buffer | undefined {
    if (this.#length < size) return undefined;
    const first = this.#chunks[0]!;
    return first.length >= size ? first : this.#merge();
  }

  #take(size: number): Buffer | undefined {
    if (this.#length < size) return undefined;
    let first = this.#chunks[0]!;
    if (first.length < size) first = this.#merge();
    this.#length -= size;
    if (first.length === size) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(size);
    return first.subarray(0, size);
  }

  #merge(): Buffer {
    const merged = Buffer.concat(this.#chunks, this.#length);
    this.#chunks = [merged];
    return merged;
  }
}
