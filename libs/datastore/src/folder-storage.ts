// Objects as files: written under a temporary name, fsync, renamed, folder fsync. A crash leaves at most a temporary file, which `sweep` removes.

import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { DatastoreError } from './datastore-error.js';
import { type ObjectStorage, type StoredObject, checkedKey } from './object-storage.js';

const TEMPORARY = '.tmp-';
const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export class FolderStorage implements ObjectStorage {
  readonly root: string;
  constructor(root: string) {
    this.root = resolve(root);
  }

  /** Where the object lies on disk, for readers that map regions of files. */
  pathOf(key: string): string {
    const path = join(this.root, ...checkedKey(key).split('/'));
    if (!path.startsWith(this.root + sep))
      throw new DatastoreError('INVALID_NAME', `key leaves the store: ${JSON.stringify(key)}`, key);
    return path;
  }

  async put(key: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredObject> {
    const path = this.pathOf(key);
    const folder = dirname(path);
    const made = await mkdir(folder, { recursive: true });
    const temporary = join(folder, `${TEMPORARY}${randomUUID()}`);
    const hash = createHash('sha256');
    let size = 0;
    try {
      const handle = await open(temporary, 'wx');
      try {
        for await (const chunk of content instanceof Uint8Array ? [content] : content) {
          hash.update(chunk);
          size += chunk.byteLength;
          await handle.writeFile(chunk);
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(folder);
    // new folders are entries of their parents
    for (let at = folder; made !== undefined && at.length >= dirname(made).length && at !== this.root; at = dirname(at))
      await syncFolder(dirname(at));
    return { key, size, checksum: hash.digest('hex') };
  }

  async get(key: string): Promise<Uint8Array> {
    try {
      return await readFile(this.pathOf(key));
    } catch (error) {
      if (isMissing(error)) throw new DatastoreError('NOT_FOUND', `there is no object '${key}'`, key, { cause: error });
      throw error;
    }
  }

  async exists(key: string): Promise<boolean> {
    try {
      return (await lstat(this.pathOf(key))).isFile();
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.pathOf(key), { force: true });
  }

  async *list(
    prefix?: string,
  ): AsyncIterable<{ readonly key: string; readonly size: number; readonly modified: Date }> {
    for await (const { path, size, modified, temporary } of this.#files(
      prefix === undefined ? this.root : this.pathOf(prefix),
    ))
      if (!temporary) yield { key: relative(this.root, path).split(sep).join('/'), size, modified };
  }

  async *#files(folder: string): AsyncIterable<{ path: string; size: number; modified: Date; temporary: boolean }> {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) yield* this.#files(path);
      else if (entry.isFile()) {
        const facts = await lstat(path).catch(() => undefined); // removed meanwhile
        if (facts !== undefined)
          yield { path, size: facts.size, modified: facts.mtime, temporary: entry.name.startsWith(TEMPORARY) };
      }
    }
  }

  /** Removes what crashed writers left: temporary files older than `olderThanMs`. */
  async sweep(olderThanMs = 3_600_000): Promise<number> {
    let removed = 0;
    for await (const { path, modified, temporary } of this.#files(this.root))
      if (temporary && Date.now() - modified.getTime() >= olderThanMs) {
        await rm(path, { force: true });
        removed++;
      }
    return removed;
  }
}
