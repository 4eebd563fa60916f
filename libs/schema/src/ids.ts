// 64-bit identifiers. A detection: 41 bits of visit, 8 of detector, 14 of running number; the sign bit stays 0.
//   visit << 22 | detector << 14 | n

import { SchemaError } from './description.js';

const NUMBER_BITS = 14n;
const DETECTOR_BITS = 8n;
export const MAX_VISIT = (1n << 41n) - 1n;
export const MAX_DETECTOR = (1 << 8) - 1;
/** at most so many detections per visit and detector, less one */
export const MAX_NUMBER = (1 << 14) - 1;

/** Identifier of detection `n` (from 0) of a detector in a visit. */
export function makeDiaSourceId(visit: bigint, detector: number, n: number): bigint {
  if (visit < 0n || visit > MAX_VISIT)
    throw new SchemaError('ID_OUT_OF_RANGE', `a visit number has 41 bits, ${visit} does not fit`, visit);
  if (!Number.isInteger(detector) || detector < 0 || detector > MAX_DETECTOR)
    throw new SchemaError('ID_OUT_OF_RANGE', `a detector is 0 to ${MAX_DETECTOR}, not ${detector}`, detector);
  if (!Number.isInteger(n) || n < 0 || n > MAX_NUMBER)
    throw new SchemaError('ID_OUT_OF_RANGE', `a running number is 0 to ${MAX_NUMBER}, not ${n}`, n);
  return (visit << (NUMBER_BITS + DETECTOR_BITS)) | (BigInt(detector) << NUMBER_BITS) | BigInt(n);
}

export function splitDiaSourceId(id: bigint): { visit: bigint; detector: number; n: number } {
  if (id < 0n || id >= 1n << 63n) throw new SchemaError('ID_OUT_OF_RANGE', `${id} is not an identifier`, id);
  return {
    visit: id >> (NUMBER_BITS + DETECTOR_BITS),
    detector: Number((id >> NUMBER_BITS) & BigInt(MAX_DETECTOR)),
    n: Number(id & BigInt(MAX_NUMBER)),
  };
}

/** Forced measurements and sources on calibrated exposures are numbered the same way, each in its own table. */
export const makeDiaForcedSourceId = makeDiaSourceId;
export const makeSourceId = makeDiaSourceId;

/** A new object is called after its first detection, so that a repeated attempt gives the same name. */
export const diaObjectIdOf = (firstDiaSourceId: bigint): bigint => firstDiaSourceId;

/**
 * Identifier of a Solar System object: its (packed) designation, up to 8 ASCII characters, as a big-endian number;
 * longer designations by 63 bits of FNV-1a with the lowest byte 0, which no packed designation has.
 */
export function ssObjectIdOf(designation: string): bigint {
  const bytes = Array.from({ length: designation.length }, (_, i) => designation.charCodeAt(i));
  if (bytes.length === 0 || bytes.some((byte) => byte < 0x20 || byte > 0x7e))
    throw new SchemaError(
      'BAD_DESIGNATION',
      `a designation is printable ASCII, not ${JSON.stringify(designation)}`,
      designation,
    );
  if (bytes.length <= 8) return bytes.reduce((id, byte) => (id << 8n) | BigInt(byte), 0n);
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return (hash >> 1n) & ~0xffn;
}
