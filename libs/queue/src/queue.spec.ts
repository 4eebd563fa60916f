import { describe, expect, it } from '@jest/globals';
import {
  checkPayload,
  jobId,
  LONGEST_TRANSACTION_MS,
  MAXIMUM_PAYLOAD_BYTES,
  QUEUE_NAMES,
  queueRegistry,
  resolveQueueRoot,
} from './index.js';

describe('jobId', () => {
  it('is the same for the same work, whatever the type of its numbers', () => {
    expect(jobId('detector', 9007199254740993n, 42)).toBe('detector.9007199254740993.42');
    expect(jobId('detector', '9007199254740993', '42')).toBe(jobId('detector', 9007199254740993n, 42n));
  });
  it.each([
    ['', 1],
    ['a:b', 1],
    ['visit', ''],
    ['visit', 'a b'],
    ['visit', 1.5],
    ['1', 2],
    ['visit', 'x'.repeat(300)],
  ])('refuses %j with part %j', (kind, part) => {
    expect(() => jobId(kind, part)).toThrow(expect.objectContaining({ code: 'invalid_job_id' }));
  });
});

describe('checkPayload', () => {
  it('lets small plain JSON pass', () => {
    expect(() =>
      checkPayload({
        visitId: '7',
        detectors: [1, 2],
        nested: { done: false, note: null, absent: undefined, star: '\u{1f31f}' },
      }),
    ).not.toThrow();
  });
  it.each([
    ['a bigint', { id: 1n }],
    ['NaN', { snr: Number.NaN }],
    ['a date', { at: new Date(0) }],
    ['pixels', { pixels: new Float32Array(2) }],
    ['a NUL', { text: 'a\0b' }],
    ['half a surrogate pair', { text: '\ud800' }],
  ])('refuses %s and says where', (_, payload) => {
    expect(() => checkPayload(payload)).toThrow(
      expect.objectContaining({ code: 'payload_not_json', message: expect.stringMatching(/^payload\.\w+ /) }),
    );
  });
  it('refuses data that should have been stored', () => {
    expect(() => checkPayload({ text: 'x'.repeat(MAXIMUM_PAYLOAD_BYTES) })).toThrow(
      expect.objectContaining({ code: 'payload_too_large' }),
    );
  });
});

describe('queueRegistry', () => {
  it.each(QUEUE_NAMES)('keeps the locks of %s through the longest transaction of the embedded database', (name) => {
    const { lockDurationMs } = queueRegistry[name];
    // A renewal is tried at half the lock's life; if a transaction starts just then, it waits for the whole of it.
    expect(lockDurationMs / 2 + LONGEST_TRANSACTION_MS).toBeLessThan(lockDurationMs);
  });
});

describe('resolveQueueRoot', () => {
  it('reads everything a Redis URL can say', () => {
    expect(resolveQueueRoot('rediss://me:p%40ss@[::1]:7000/3?namespace=site_b')).toMatchObject({
      backend: 'redis',
      prefix: 'site_b',
      connection: {
        host: '::1',
        port: 7000,
        username: 'me',
        password: 'p@ss',
        db: 3,
        tls: {},
        maxRetriesPerRequest: null,
      },
    });
  });
  it('keeps queues in a schema of PostgreSQL, whatever session options the URL carries', () => {
    expect(resolveQueueRoot('postgres://db:5432/sky?options=-c%20search_path%3Dx&namespace=t1')).toMatchObject({
      backend: 'postgres',
      connection: { connectionString: 'postgres://db:5432/sky', schema: 'bullmq_t1' },
    });
  });
  it.each(['amqp://host', 'nonsense', 'redis://h?namespace=A-B'])('refuses %s', (url) => {
    expect(() => resolveQueueRoot(url)).toThrow(expect.objectContaining({ code: 'unsupported_url' }));
  });
});
