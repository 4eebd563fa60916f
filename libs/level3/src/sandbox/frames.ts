// Values on their way into and out of the sandbox: a JSON header in which typed arrays are places in one block of bytes.

const TYPES = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
} as const;
type TypeName = keyof typeof TYPES;
type NumericArray = InstanceType<(typeof TYPES)[TypeName]>;

export interface Frame {
  readonly header: unknown;
  readonly blob: Uint8Array;
}

/** Plain data with typed arrays taken out. */
export function dehydrate(value: unknown): { readonly values: unknown; readonly blob: Uint8Array } {
  const parts: [number, Uint8Array][] = [];
  let at = 0;
  const plain = (inner: unknown): unknown => {
    if (typeof inner === 'bigint') return { $bigint: inner.toString() };
    if (typeof inner === 'number' && !Number.isFinite(inner)) return { $number: String(inner) };
    if (inner === null || typeof inner !== 'object') return typeof inner === 'function' ? undefined : inner;
    if (Array.isArray(inner)) return inner.map(plain);
    if (ArrayBuffer.isView(inner)) {
      const array = inner as NumericArray;
      at = Math.ceil(at / 8) * 8;
      parts.push([at, new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength)]);
      const node = { $array: array.constructor.name, at, length: array.length };
      at += array.byteLength;
      return node;
    }
    return Object.fromEntries(Object.entries(inner).map(([key, part]) => [key, plain(part)]));
  };
  const values = plain(value);
  const blob = new Uint8Array(at);
  for (const [offset, bytes] of parts) blob.set(bytes, offset);
  return { values, blob };
}

/** The reverse; what does not fit the block is refused, for the header comes from user code. */
export function rehydrate(value: unknown, blob: Uint8Array): unknown {
  if (Array.isArray(value)) return value.map((inner) => rehydrate(inner, blob));
  if (value === null || typeof value !== 'object') return value;
  const node = value as Record<string, unknown>;
  if (typeof node['$array'] === 'string') {
    const { $array: name, at, length } = node as { $array: string; at: unknown; length: unknown };
    if (!Object.hasOwn(TYPES, name)) throw new RangeError(`no array type ${name}`);
    const Type = TYPES[name as TypeName];
    if (
      !Number.isSafeInteger(at) ||
      !Number.isSafeInteger(length) ||
      (at as number) < 0 ||
      (length as number) < 0 ||
      (at as number) + (length as number) * Type.BYTES_PER_ELEMENT > blob.length
    )
      throw new RangeError('an array lies outside its block of bytes');
    return new Type(blob.slice(at as number, (at as number) + (length as number) * Type.BYTES_PER_ELEMENT).buffer);
  }
  if (typeof node['$bigint'] === 'string') return BigInt(node['$bigint']);
  if (typeof node['$number'] === 'string') return Number(node['$number']);
  return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, rehydrate(inner, blob)]));
}

const PREFIX = 12;

export function packFrame({ header, blob }: Frame): Buffer {
  const head = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.allocUnsafe(PREFIX);
  lengths.writeUInt32BE(head.length, 0);
  lengths.writeBigUInt64BE(BigInt(blob.length), 4);
  return Buffer.concat([lengths, head, blob]);
}

/** A complete frame, or undefined when bytes are missing. */
export function unpackFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < PREFIX) return undefined;
  const headLength = bytes.readUInt32BE(0);
  const blobLength = bytes.readBigUInt64BE(4);
  if (BigInt(bytes.length) !== BigInt(PREFIX + headLength) + blobLength) return undefined;
  return {
    header: JSON.parse(bytes.toString('utf8', PREFIX, PREFIX + headLength)) as unknown,
    blob: new Uint8Array(bytes.subarray(PREFIX + headLength)),
  };
}
