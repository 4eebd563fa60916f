import { QueueError } from './queue-error.js';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
/** What a job carries: ids (64-bit ones as strings), names and paths; never pixels or catalogs. */
export type JobPayload = { readonly [key: string]: Json };

/** NUL and half a surrogate pair: legal in JavaScript strings, refused by jsonb. */
// eslint-disable-next-line no-control-regex
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

export const MAXIMUM_PAYLOAD_BYTES = 16_384;

/** Refuses what would not come out of every backend as it went in (both store JSON, PostgreSQL as jsonb). */
export function checkPayload(payload: unknown, path = 'payload'): void {
  check(payload, path);
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (bytes > MAXIMUM_PAYLOAD_BYTES)
    throw new QueueError(
      'payload_too_large',
      `a job payload of ${bytes} bytes exceeds ${MAXIMUM_PAYLOAD_BYTES}: store the data and send its id`,
      bytes,
    );
}

function check(value: unknown, path: string): void {
  const refuse = (reason: string) => {
    throw new QueueError('payload_not_json', `${path} ${reason}`, value);
  };
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : refuse(`is ${value}, which JSON cannot hold`);
  if (typeof value === 'string')
    return UNSTORABLE.test(value) ? refuse('holds a NUL character or half a surrogate pair') : undefined;
  if (Array.isArray(value)) return value.forEach((item, i) => check(item, `${path}[${i}]`));
  if (
    typeof value !== 'object' ||
    (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null)
  )
    return refuse(`is not plain JSON but ${typeof value === 'object' ? value!.constructor.name : typeof value}`);
  for (const [key, item] of Object.entries(value)) if (item !== undefined) check(item, `${path}.${key}`);
}
