// A server of our own that answers as servers do, and as they should not.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { encodeFits, openFits, openHttp } from './index.js';

const NX = 300;
const NY = 200;
const data = Float32Array.from({ length: NX * NY }, (_, i) => i / 3);
const bytes = encodeFits([
  { kind: 'image', shape: [NX, NY], data },
  { kind: 'image', shape: [NX, NY], data, name: 'RICE', compression: { type: 'RICE_1' } },
]);

type Handler = (request: IncomingMessage, response: ServerResponse, start: number, end: number) => void;
let server: Server;
let url: string;
let requests: [number, number][] = [];
let handler: Handler;

const serve =
  (content: Uint8Array, headers: Record<string, string> = { etag: '"1"' }): Handler =>
  (_request, response, start, end) => {
    const last = Math.min(end, content.length);
    response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${last - 1}/${content.length}` });
    response.end(content.subarray(start, last));
  };

beforeAll(async () => {
  server = createServer((request, response) => {
    const [, start, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')!;
    requests.push([Number(start), Number(last) + 1]);
    handler(request, response, Number(start), Number(last) + 1);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.fits`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = [];
  handler = serve(bytes);
});

describe('a file behind HTTP', () => {
  it('is read by ranges: headers in one page, a region by its rows', async () => {
    const file = await openFits(await openHttp(url, { pageBytes: 8192 }));
    expect(file.hdus.map(({ name }) => name)).toEqual(['PRIMARY', 'RICE']);
    const before = requests.length;
    const { data: part } = await file.hdu(0).readImage({ region: { x0: 10, y0: 150, width: 4, height: 2 } });
    expect([...part]).toEqual([...data.subarray(45010, 45014), ...data.subarray(45310, 45314)]);
    expect(requests.length - before).toBeLessThanOrEqual(2);
    const fetched = requests.reduce((total, [start, end]) => total + end - start, 0);
    expect(fetched).toBeLessThan(bytes.length / 4);
    expect((await file.hdu(0).readImage()).data).toEqual(data);
    expect((await file.hdu('RICE').readImage()).data).toHaveLength(NX * NY);
    await file.close();
  });

  it('is unfolded when it is gzip', async () => {
    handler = serve(gzipSync(bytes));
    expect((await (await openFits(await openHttp(url))).hdu(0).readImage()).data).toEqual(data);
  });

  it('is read on where an answer ended early or the connection broke', async () => {
    let answers = 0;
    handler = (request, response, start, end) => {
      answers++;
      if (answers % 3 === 1) request.socket.destroy();
      else if (answers % 3 === 2) {
        response.writeHead(206, { etag: '"1"', 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` });
        response.end(bytes.subarray(start, Math.min(end, start + 1000)));
      } else serve(bytes)(request, response, start, end);
    };
    const file = await openFits(await openHttp(url, { pageBytes: 4096, retryAfterMs: 1 }));
    expect((await file.hdu(0).readImage()).data).toEqual(data);
  });

  it('is given up with a typed error when nothing helps', async () => {
    handler = (_request, response) => response.writeHead(503).end();
    await expect(openHttp(url, { retries: 1, retryAfterMs: 1 })).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
    expect(requests).toHaveLength(2);
    handler = (_request, response) => response.writeHead(404).end();
    await expect(openHttp(url)).rejects.toMatchObject({ code: 'SOURCE_FAILED', value: 404 });
    expect(requests).toHaveLength(3);
    handler = () => {}; // no answer at all
    await expect(openHttp(url, { retries: 0, timeoutMs: 50 })).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  });

  it('is refused when the server knows no ranges, or serves another file half way', async () => {
    handler = (_request, response) => response.writeHead(200).end(bytes);
    await expect(openHttp(url)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    handler = serve(bytes);
    const file = await openFits(await openHttp(url, { pageBytes: 2880 }));
    handler = serve(bytes, { etag: '"2"' });
    await expect(file.hdu(0).readImage()).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    handler = (_request, response) => response.writeHead(200).end(bytes);
    await expect(file.hdu(0).readImage()).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
  });
});
