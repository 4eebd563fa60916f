import { jsonStorageClass, type StorageClass } from '#libs/pipeline';
import { ExposureStorage, TableStorage } from '#libs/productions';

/** Kinds of data that user Tasks may read and write. */
export const USER_STORAGE_CLASSES = {
  Exposure: ExposureStorage as StorageClass<unknown>,
  Table: TableStorage as StorageClass<unknown>,
  JSON: jsonStorageClass<unknown>('JSON'),
} as const;
export type UserStorageClass = keyof typeof USER_STORAGE_CLASSES;
export const USER_STORAGE_CLASS_NAMES = Object.keys(USER_STORAGE_CLASSES) as UserStorageClass[];
