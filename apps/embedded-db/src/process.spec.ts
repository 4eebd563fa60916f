import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirectoryLocked, lockDataDirectory } from './data-directory-lock.js';
import { parseOptions } from './options.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'almagest-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock on a data directory', () => {
  it('excludes a second holder until it is released', () => {
    const dataDir = join(folder, 'database');
    const release = lockDataDirectory(dataDir);
    expect(() => lockDataDirectory(dataDir)).toThrow(DataDirectoryLocked);
    expect(() => lockDataDirectory(join(folder, 'x', '..', 'database'))).toThrow(
      expect.objectContaining({ code: 'data_directory_locked', holder: expect.objectContaining({ pid: process.pid }) }),
    );
    release();
    lockDataDirectory(dataDir)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over from a process that is gone', () => {
    const dataDir = join(folder, 'database');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(`${dataDir}.lock`, JSON.stringify({ pid, startedAt: '1' }));
    lockDataDirectory(dataDir);
    expect(JSON.parse(readFileSync(`${dataDir}.lock`, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('is taken over when its pid now belongs to another process', () => {
    const dataDir = join(folder, 'database');
    writeFileSync(`${dataDir}.lock`, JSON.stringify({ pid: process.pid, startedAt: '1' }));
    const canTell = existsSync('/proc/self/stat');
    if (canTell) lockDataDirectory(dataDir)();
    else expect(() => lockDataDirectory(dataDir)).toThrow(DataDirectoryLocked);
    expect(existsSync(`${dataDir}.lock`)).toBe(!canTell);
  });

  it('is taken over when it was cut short while being written', () => {
    const dataDir = join(folder, 'database');
    writeFileSync(`${dataDir}.lock`, '{"pi');
    lockDataDirectory(dataDir)();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the command line', () => {
  it('reads its options', () => {
    expect(parseOptions(['--data-dir', '/data', '--port', '0', '--host', '::1'])).toEqual({
      dataDir: '/data',
      host: '::1',
      port: 0,
      idleInTransactionMs: 30_000,
      hangTimeoutMs: 300_000,
      unsupervised: false,
    });
  });

  it.each([
    [['--data-dir', '/d', '--host', '0.0.0.0'], /no passwords/],
    [['--data-dir', '/d', '--host', '192.168.1.2'], /no passwords/],
    [['--data-dir', '/d', '--host', '127.0.0.1.example.org'], /no passwords/],
    [['--data-dir', '/d', '--port', '70000'], /--port 70000/],
    [['--data-dir', '/d', '--port', 'x'], /--port x/],
    [[], /--data-dir is missing/],
    [['--data-dri', '/d'], /data-dri/],
  ])('refuses %j', (args, reason) => {
    expect(() => parseOptions(args)).toThrow(reason);
  });
});
