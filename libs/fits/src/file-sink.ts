// Files out: written beside their place, forced to disk, then renamed.

import { open, rename, rm } from 'node:fs/promises';

export interface FileSink {
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** the file is complete: it gets its name, when `durable` after it is on disk */
  commit(durable: boolean): Promise<void>;
  /** nothing remains */
  abandon(): Promise<void>;
}

export async function createFileSink(path: string): Promise<FileSink> {
  const temporary = `${path}.part`;
  const handle = await open(temporary, 'w');
  return {
    async write(bytes, offset) {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
        done += bytesWritten;
      }
    },
    async commit(durable) {
      if (durable) await handle.sync();
      await handle.close();
      await rename(temporary, path);
    },
    async abandon() {
      await handle.close();
      await rm(temporary, { force: true });
    },
  };
}
