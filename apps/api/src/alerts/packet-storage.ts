import type { AlertStorage } from '#libs/alerts';
import { FolderStorage } from '#libs/datastore';

/** Packets in the file store, for reading: this process publishes none, so it makes no cut-outs. */
export function packetStorage(folder: string): AlertStorage {
  const storage = new FolderStorage(folder);
  return {
    put: (key, bytes) => storage.put(key, bytes),
    get: (key) => storage.get(key),
    cutouts: () => Promise.resolve([]),
  };
}
