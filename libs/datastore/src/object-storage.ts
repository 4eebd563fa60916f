import { DatastoreError } from './datastore-error.js';

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** SHA-256 of the bytes, hexadecimal */
  readonly checksum: string;
}

/** Bytes by key. A folder today; a bucket has the same face. Keys are segments joined by '/'. */
export interface ObjectStorage {
  /** All or nothing: readers see the old object or the new one, and after return the bytes survive a power cut. */
  put(key: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredObject>;
  /** Throws NOT_FOUND. */
  get(key: string): Promise<Uint8Array>;
  exists(key: string): Promise<boolean>;
  /** Nothing to remove is no error. */
  remove(key: string): Promise<void>;
  list(prefix?: string): AsyncIterable<{ readonly key: string; readonly size: number; readonly modified: Date }>;
}

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.,=@+-]{0,199}$/;

/** A key that can be a path below a root on any system, and nothing but that: no '..', no absolute path, no hidden or temporary name. */
export function checkedKey(key: string): string {
  const segments = key.split('/');
  if (segments.length > 32 || key.length > 1000 || !segments.every((segment) => SEGMENT.test(segment)))
    throw new DatastoreError('INVALID_NAME', `not a storage key: ${JSON.stringify(key.slice(0, 200))}`, key);
  return key;
}
