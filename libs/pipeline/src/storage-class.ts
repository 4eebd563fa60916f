/**
 * How values of one kind are kept outside memory: every storage class has a file form, so that any Task can also run out of process.
 */
export interface StorageClass<T> {
  readonly name: string;
  /** file name extension, with the dot */
  readonly extension: string;
  readonly mediaType: string;
  encode(value: T): Promise<Uint8Array> | Uint8Array;
  decode(bytes: Uint8Array): Promise<T> | T;
}

export const defineStorageClass = <T>(storageClass: StorageClass<T>): StorageClass<T> => storageClass;

/** Plain JSON values. */
export const jsonStorageClass = <T>(name: string): StorageClass<T> => ({
  name,
  extension: '.json',
  mediaType: 'application/json',
  encode: (value) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T,
});
