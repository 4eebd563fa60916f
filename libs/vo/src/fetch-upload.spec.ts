import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchUpload, isPublicAddress } from './fetch-upload.js';

let server: Server;
let origin: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/table' }).end();
    else if (request.url === '/table') response.end('<VOTABLE/>');
    else if (request.url === '/long') response.end('x'.repeat(2000));
    // anything else: no answer
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const limits = { maximumBytes: 1000, timeoutMs: 300 };

describe('tables by address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.1.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '64:ff9b::7f00:1',
  ])('takes %s for no public address', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])('takes %s for a public address', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    'http://127.0.0.1:1/x',
    'http://[::1]/x',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://localhost/x',
    'file:///etc/passwd',
    'ftp://example.org/x',
    'nonsense',
    'http://user:word@example.org/',
  ])('does not go to %s', (address) =>
    expect(fetchUpload(address, limits)).rejects.toMatchObject({ code: 'BAD_UPLOAD' }),
  );

  it('reads tables of the service itself', async () => {
    expect(Buffer.from(await fetchUpload(`${origin}/table`, { ...limits, ownOrigin: origin })).toString()).toBe(
      '<VOTABLE/>',
    );
  });

  it('follows no redirect, reads no more than is allowed and waits no longer than it may', async () => {
    const own = { ...limits, ownOrigin: origin };
    await expect(fetchUpload(`${origin}/moved`, own)).rejects.toMatchObject({
      code: 'BAD_UPLOAD',
      message: expect.stringContaining('302'),
    });
    await expect(fetchUpload(`${origin}/long`, own)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(fetchUpload(`${origin}/silent`, own)).rejects.toMatchObject({ code: 'BAD_UPLOAD' });
  });
});
