// Base64 of a stream of bytes, with flat memory.

import { TableError } from '../errors.js';

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

const FOREIGN = /[^A-Za-z0-9+/=\s]/;

/** Text in any pieces; characters that are not of the alphabet are refused, as is what follows the padding. */
export class Base64Decoder {
  #rest = '';
  #padded = false;

  push(text: string): Buffer {
    const foreign = FOREIGN.exec(text);
    if (foreign) throw new TableError('BAD_FORMAT', `"${foreign[0]}" is not a base64 character`, { value: foreign[0] });
    const compact = this.#rest + (/\s/.test(text) ? text.replace(/\s+/g, '') : text);
    if (this.#padded && compact !== '') throw new TableError('BAD_FORMAT', 'there is base64 after its padding');
    const whole = compact.length - (compact.length % 4);
    this.#rest = compact.slice(whole);
    const block = compact.slice(0, whole);
    const padding = block.indexOf('=');
    if (padding >= 0) {
      this.#padded = true;
      if (this.#rest !== '' || padding < whole - 2 || !block.endsWith('='))
        throw new TableError('BAD_FORMAT', 'there is base64 after its padding');
    }
    return Buffer.from(block, 'base64');
  }

  end(): void {
    if (this.#rest !== '') throw new TableError('TRUNCATED', 'the base64 ends inside a group of four');
  }
}
