import type { DataId, Dimension } from './dimensions.js';
import type { StorageClass } from './storage-class.js';

/** A value not yet loaded. Stacks read one handle after the other and so stay small. */
export interface DeferredHandle<T> {
  readonly dataId: DataId;
  get(): Promise<T>;
}

export type Multiplicity = 'one' | 'optional' | 'many' | 'deferredMany';

export interface ConnectionOptions {
  /** dimensions of the dataset; those of the Task unless given */
  readonly dimensions?: readonly Dimension[];
  /** looked up by validity time or sky position, never made by the same graph (calibrations, reference catalogs) */
  readonly prerequisite?: boolean;
  /** fewest datasets a `many` connection can work with; 1 unless given */
  readonly minimum?: number;
}

export interface Connection<T, M extends Multiplicity = Multiplicity> extends ConnectionOptions {
  readonly datasetType: string;
  readonly storageClass: StorageClass<T>;
  readonly multiplicity: M;
}

/** What `run` receives for a connection. */
export type ConnectionValue<C> =
  C extends Connection<infer T, infer M>
    ? M extends 'one'
      ? T
      : M extends 'optional'
        ? T | undefined
        : M extends 'many'
          ? readonly { readonly dataId: DataId; readonly value: T }[]
          : readonly DeferredHandle<T>[]
    : never;

export const one = <T>(
  datasetType: string,
  storageClass: StorageClass<T>,
  options: ConnectionOptions = {},
): Connection<T, 'one'> => ({
  datasetType,
  storageClass,
  multiplicity: 'one',
  ...options,
});
export const optional = <T>(
  datasetType: string,
  storageClass: StorageClass<T>,
  options: ConnectionOptions = {},
): Connection<T, 'optional'> => ({
  datasetType,
  storageClass,
  multiplicity: 'optional',
  ...options,
});
export const many = <T>(
  datasetType: string,
  storageClass: StorageClass<T>,
  options: ConnectionOptions = {},
): Connection<T, 'many'> => ({
  datasetType,
  storageClass,
  multiplicity: 'many',
  ...options,
});
export const deferredMany = <T>(
  datasetType: string,
  storageClass: StorageClass<T>,
  options: ConnectionOptions = {},
): Connection<T, 'deferredMany'> => ({
  datasetType,
  storageClass,
  multiplicity: 'deferredMany',
  ...options,
});
