import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryRegistry } from '#libs/pipeline';
import { FolderDatasetStore } from './folder-dataset-store.js';
import { FolderStorage } from './folder-storage.js';

let folder: string;
let storage: FolderStorage;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'almagest-store-'));
  storage = new FolderStorage(join(folder, 'store'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const listed = async (): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of storage.list()) keys.push(key);
  return keys;
};

describe('a folder of objects', () => {
  it('keeps bytes under a key and tells their SHA-256', async () => {
    const stored = await storage.put('raw/2026/a.fits', bytes('hello'));
    expect(stored).toEqual({
      key: 'raw/2026/a.fits',
      size: 5,
      checksum: createHash('sha256').update('hello').digest('hex'),
    });
    expect(new TextDecoder().decode(await storage.get('raw/2026/a.fits'))).toBe('hello');
    expect(await storage.exists('raw/2026/a.fits')).toBe(true);
    expect(await storage.exists('raw/2026')).toBe(false);
    await storage.remove('raw/2026/a.fits');
    await storage.remove('raw/2026/a.fits');
    await expect(storage.get('raw/2026/a.fits')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
  it('takes streams', async () => {
    async function* parts(): AsyncIterable<Uint8Array> {
      yield bytes('ab');
      yield bytes('cd');
    }
    expect((await storage.put('x', parts())).size).toBe(4);
    expect(new TextDecoder().decode(await storage.get('x'))).toBe('abcd');
  });
  it('leaves neither object nor rubbish when a stream breaks, and the old object stays', async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield bytes('half');
      throw new Error('connection lost');
    }
    await storage.put('x', bytes('old'));
    await expect(storage.put('x', broken())).rejects.toThrow('connection lost');
    expect(new TextDecoder().decode(await storage.get('x'))).toBe('old');
    expect(await readdir(storage.root)).toEqual(['x']);
  });
  it.each([
    '../x',
    '/etc/passwd',
    'a/../../x',
    'a//b',
    '',
    '.',
    'a/.hidden',
    '.tmp-1',
    'a\\..\\b',
    'a\0b',
    `${'a/'.repeat(40)}x`,
  ])('refuses the key %j', async (key) => {
    await expect(storage.put(key, bytes('x'))).rejects.toMatchObject({ code: 'INVALID_NAME' });
    await expect(storage.get(key)).rejects.toMatchObject({ code: 'INVALID_NAME' });
  });
  it('sweeps old temporary files and hides fresh ones', async () => {
    await storage.put('a/b', bytes('x'));
    const old = join(storage.root, 'a', '.tmp-old');
    await writeFile(old, 'x');
    await writeFile(join(storage.root, 'a', '.tmp-new'), 'x');
    await utimes(old, new Date(0), new Date(0));
    expect(await listed()).toEqual(['a/b']);
    expect(await storage.sweep()).toBe(1);
    expect((await readdir(join(storage.root, 'a'))).sort()).toEqual(['.tmp-new', 'b']);
  });
});

describe('a folder of datasets', () => {
  const dataset = {
    datasetType: 'calexp',
    dataId: { visit: '9007199254740993', detector: 3 },
    run: 'u/ada/one',
    storageClass: 'X',
    extension: '.fits',
    mediaType: 'x/y',
  };
  it('puts once, whatever comes later under the same name', async () => {
    const registry = new MemoryRegistry();
    const store = new FolderDatasetStore(storage, registry);
    const ref = await store.put(dataset, bytes('first'));
    expect(await store.put(dataset, bytes('second'))).toEqual(ref);
    expect(new TextDecoder().decode(await store.get(ref))).toBe('first');
    expect(await listed()).toEqual([`datasets/u/ada/one/calexp/visit=9007199254740993,detector=3/${ref.id}.fits`]);
    expect(await registry.datasets({ datasetType: 'calexp', query: {}, collections: ['u/ada/one'] })).toEqual([ref]);
    await store.remove(ref);
    expect(await store.exists(ref)).toBe(false);
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
  it('refuses a run that climbs out', async () => {
    await expect(
      new FolderDatasetStore(storage).put({ ...dataset, run: '../../up' }, bytes('x')),
    ).rejects.toMatchObject({ code: 'INVALID_NAME' });
  });
});
