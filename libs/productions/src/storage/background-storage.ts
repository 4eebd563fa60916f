// The file form of background models: JSON.
import type { BackgroundModel } from '#libs/algorithms';
import { jsonStorageClass, type StorageClass } from '#libs/pipeline';

export const BackgroundStorage: StorageClass<BackgroundModel> = jsonStorageClass<BackgroundModel>('BackgroundModel');
