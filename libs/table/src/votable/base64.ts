// Base64 of a stream of bytes, with flat memory.

/** Groups of three bytes are encoded as they arrive, a line for each call; the rest waits for the next. */
export class Base64Encoder {
  #rest = new Uint8Array(0);

  push(bytes: Uint8Array): Uint8Array {
    let block = bytes;
    if (this.#rest.length > 0) {
      block = new Uint8Array(this.#rest.length + bytes.length);
      block.set(this.#rest);
      block.set(bytes, this.#rest.length);
    }
    const whole = block.length - (block.length % 3);
    this.#rest = block.slice(whole);
    return whole === 0 ? new Uint8Array(0) : line(block.subarray(0, whole));
  }

  end(): Uint8Array {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    return rest.length === 0 ? rest : line(rest);
  }
}

function line(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const target = Buffer.allocUnsafe(4 * Math.ceil(bytes.length / 3) + 1);
  target.write(buffer.toString('base64'), 0, 'latin1');
  target[target.length - 1] = 0x0a;
  return target;
}
