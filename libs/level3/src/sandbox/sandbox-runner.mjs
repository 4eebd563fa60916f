// Runs inside the sandbox process: one user Task, values in on stdin, values out on stdout. Plain JavaScript without imports beyond Node's own,
// because it is handed to `node --eval` and may read no file. User code runs in a context that holds no object of this realm:
// only text and numbers go in, bytes are written into arrays the context made itself.
import { writeSync, readSync } from 'node:fs';
import vm from 'node:vm';

function readExactly(length) {
  const buffer = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    let count;
    try {
      count = readSync(0, buffer, at, length - at);
    } catch (error) {
      if (error.code === 'EAGAIN') continue;
      throw error;
    }
    if (count === 0) process.exit(3);
    at += count;
  }
  return buffer;
}
function writeAll(bytes) {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
function send(header, blob) {
  const head = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.allocUnsafe(12);
  lengths.writeUInt32BE(head.length, 0);
  lengths.writeBigUInt64BE(BigInt(blob.length), 4);
  writeAll(lengths);
  writeAll(head);
  writeAll(blob);
}

const lengths = readExactly(12);
const head = readExactly(lengths.readUInt32BE(0)).toString();
const blob = readExactly(Number(lengths.readBigUInt64BE(4)));
const { code, timeoutMs } = JSON.parse(head);

const realm = vm.createContext(Object.create(null), {
  codeGeneration: { strings: false, wasm: false },
  microtaskMode: 'afterEvaluate',
});
realm.head = head;
realm.blobLength = blob.length;
const inside = (text, options) => new vm.Script(text, options).runInContext(realm, { timeout: timeoutMs });

try {
  inside('globalThis.blob = new Uint8Array(blobLength)').set(blob);
  // the codec, inside the context
  inside(`{
    const { values, parameters, dataId } = JSON.parse(head);
    const types = { Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Uint8Array, Uint16Array, Uint32Array, BigInt64Array };
    const revive = (value) => {
      if (Array.isArray(value)) return value.map(revive);
      if (value === null || typeof value !== 'object') return value;
      if ('$array' in value) return new types[value.$array](blob.buffer, value.at, value.length);
      if ('$bigint' in value) return BigInt(value.$bigint);
      if ('$number' in value) return Number(value.$number);
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
    };
    const lines = [];
    const metrics = [];
    globalThis.given = {
      inputs: revive(values),
      context: {
        parameters: revive(parameters), dataId,
        log: (message) => { if (lines.length < 1000) lines.push(String(message).slice(0, 1000)); },
        metric: (name, value, unit) => { if (metrics.length < 1000) metrics.push({ name: String(name).slice(0, 100), value: Number(value), ...(unit !== undefined && { unit: String(unit).slice(0, 30) }) }); },
      },
    };
    globalThis.dehydrate = (outputs) => {
      const parts = [];
      let at = 0;
      const plain = (value, depth) => {
        if (depth > 20) throw new TypeError('outputs are nested more than 20 deep');
        if (typeof value === 'bigint') return { $bigint: value.toString() };
        if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
        if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError('outputs hold a function or symbol');
        if (value === null || typeof value !== 'object') return value ?? null;
        if (Array.isArray(value)) return value.map((inner) => plain(inner, depth + 1));
        const type = Object.entries(types).find(([, constructor]) => value instanceof constructor)?.[0];
        if (type) {
          const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
          at = Math.ceil(at / 8) * 8;
          parts.push([at, bytes]);
          const node = { $array: type, at, length: value.length };
          at += bytes.length;
          return node;
        }
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner, depth + 1)]));
      };
      const values = plain(outputs, 0);
      const bytes = new Uint8Array(at);
      for (const [offset, part] of parts) bytes.set(part, offset);
      globalThis.answer = JSON.stringify({ values, lines, metrics });
      return bytes;
    };
    delete globalThis.head; delete globalThis.blob; delete globalThis.blobLength;
  }`);
  inside(code, { filename: 'task.js' });
  const bytes = inside(`{
    if (typeof run !== 'function') throw new TypeError('the Task has no function called run');
    const outputs = run(given.inputs, given.context);
    if (outputs === null || typeof outputs !== 'object') throw new TypeError('run must return an object of outputs');
    if (typeof outputs.then === 'function') throw new TypeError('run must return its outputs, not a promise');
    dehydrate(outputs);
  }`);
  send(JSON.parse(String(realm.answer)), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
} catch (error) {
  const text = (part) => {
    try {
      return String(error?.[part] ?? '').slice(0, 2000);
    } catch {
      return '';
    }
  };
  const timedOut = text('code') === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  const place = /task\.js:\d+(:\d+)?/.exec(text('stack'))?.[0];
  send(
    {
      error: {
        code: timedOut ? 'TIME_LIMIT' : 'USER_CODE_FAILED',
        message: timedOut ? `the Task ran longer than ${timeoutMs} ms` : text('message') || text('name'),
        place,
      },
    },
    Buffer.alloc(0),
  );
}
process.exit(0);
