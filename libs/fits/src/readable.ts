import { FitsError } from './errors.js';

/** Random access to bytes that do not change while they are read. */
export interface ReadableAt {
  readonly size: number;
  /** exactly `length` bytes; the caller must not write into them */
  readAt(offset: number, length: number): Promise<Uint8Array>;
  /** fills `target` from `offset` on: saves a copy where the source can do it */
  readInto?(target: Uint8Array, offset: number): Promise<void>;
  close?(): Promise<void>;
}

export function requireInside(size: number, offset: number, length: number): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= size))
    throw new FitsError(
      'TRUNCATED',
      `the file ends at byte ${size}; bytes ${offset} to ${offset + length} are needed`,
      {
        offset,
        value: length,
      },
    );
}
