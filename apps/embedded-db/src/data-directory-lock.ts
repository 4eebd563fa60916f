import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export class DataDirectoryLocked extends Error {
  readonly code = 'data_directory_locked';
  constructor(
    readonly dataDir: string,
    readonly holder: LockHolder,
  ) {
    super(`${dataDir} is in use by process ${holder.pid}; two engines on one folder would corrupt it`);
    this.name = 'DataDirectoryLocked';
  }
}

export interface LockHolder {
  readonly pid: number;
  /** Distinguishes the holder from a later process that was given the same pid; null where the system does not tell. */
  readonly startedAt: string | null;
}

/**
 * Takes `<dataDir>.lock` (beside the folder: initdb wants it empty). A lock whose process is gone is stale and taken
 * over. Returns the release.
 */
export function lockDataDirectory(dataDir: string): () => void {
  const directory = resolve(dataDir);
  const path = `${directory}.lock`;
  const mine = `${path}.${process.pid}`;
  const holder: LockHolder = { pid: process.pid, startedAt: processStart(process.pid) };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(mine, JSON.stringify(holder));
  try {
    for (;;) {
      try {
        linkSync(mine, path); // atomic, and fails when the lock exists
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const text = read(path);
      if (text === undefined) continue;
      const current = parse(text);
      if (current && isAlive(current)) throw new DataDirectoryLocked(directory, current);
      removeStale(path, text);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (read(path) === JSON.stringify(holder)) rmSync(path, { force: true });
  };
}

/** Two processes may find the same stale lock: the rename has one winner, and what was not stale is put back. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== stale) linkSync(aside, path);
  rmSync(aside, { force: true });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): LockHolder | undefined {
  try {
    const value = JSON.parse(text) as Partial<LockHolder>;
    return typeof value.pid === 'number' ? { pid: value.pid, startedAt: value.startedAt ?? null } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, startedAt }: LockHolder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = processStart(pid);
  return startedAt === null || now === null || now === startedAt;
}

/** Start time in clock ticks since boot: field 22 of /proc/<pid>/stat, counted after the command's closing parenthesis. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
