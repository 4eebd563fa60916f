// The only file that touches the file system; loaded on the first `openFile`.

import { open } from 'node:fs/promises';
import { type ReadableAt, requireInside } from './readable.js';
import { FitsError } from './errors.js';

export async function openFileSource(path: string): Promise<ReadableAt> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  const readInto = async (target: Uint8Array, offset: number): Promise<void> => {
    requireInside(size, offset, target.length);
    let done = 0;
    while (done < target.length) {
      const want = Math.min(target.length - done, 1 << 30);
      const { bytesRead } = await handle.read(target, done, want, offset + done);
      if (bytesRead === 0)
        throw new FitsError('TRUNCATED', `the file became shorter while it was read`, { offset: offset + done });
      done += bytesRead;
    }
  };
  return {
    size,
    readInto,
    async readAt(offset, length) {
      requireInside(size, offset, length);
      const target = new Uint8Array(length);
      await readInto(target, offset);
      return target;
    },
    close: () => handle.close(),
  };
}
