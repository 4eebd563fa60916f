// Files and folders of a command line as a list of files: folders are searched for what may be FITS, hidden files left out.

import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const FITS_NAME = /\.(fits?|fts|fz)(\.(gz|fz))?$/i;

export interface FoundFiles {
  /** absolute, in the order given; those of a folder by name */
  readonly files: readonly string[];
  /** files of folders that do not look like FITS */
  readonly passedOver: number;
  /** paths that do not exist */
  readonly missing: readonly string[];
}

export async function findFrameFiles(paths: readonly string[], except: readonly string[] = []): Promise<FoundFiles> {
  const files = new Set<string>();
  const missing: string[] = [];
  const left = new Set(except.map((path) => resolve(path)));
  let passedOver = 0;
  const search = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await search(path);
      else if (FITS_NAME.test(entry.name) && !left.has(path)) files.add(path);
      else passedOver++;
    }
  };
  for (const given of paths) {
    const path = resolve(given);
    const found = await stat(path).catch(() => undefined);
    if (!found) missing.push(given);
    else if (found.isDirectory()) await search(path);
    else if (!left.has(path)) files.add(path);
  }
  return { files: [...files], passedOver, missing };
}
