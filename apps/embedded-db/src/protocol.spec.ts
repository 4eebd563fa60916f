import { describe, expect, it } from '@jest/globals';
import { FrameReader } from './frame-reader.js';
import { ResponseScanner } from './response-scanner.js';
import { splitStatements, traitsOf } from './sql-statements.js';
import { copyInResponse, errorResponse, message, readyForQuery, simpleQuery, text } from './wire.js';

describe('FrameReader', () => {
  it('finds the same messages however the bytes are cut', () => {
    const frames = [simpleQuery('SELECT 1'), message('S', Buffer.alloc(0)), simpleQuery('x'.repeat(1000))];
    const bytes = Buffer.concat(frames);
    for (const size of [1, 2, 3, 5, 7, 64, bytes.length]) {
      const reader = new FrameReader(10_000);
      const found: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        reader.push(bytes.subarray(at, at + size));
        for (let frame = reader.next(); frame; frame = reader.next()) found.push(Buffer.from(frame));
      }
      expect(found).toEqual(frames);
    }
  });

  it('refuses messages that are too long or impossible before they have arrived', () => {
    const header = (length: number) => {
      const bytes = Buffer.from('Q____');
      bytes.writeInt32BE(length, 1);
      return bytes;
    };
    for (const [length, sqlState] of [
      [101, '54000'],
      [3, '08P01'],
      [-1, '08P01'],
    ] as const) {
      const reader = new FrameReader(100);
      reader.push(header(length));
      expect(() => reader.next()).toThrow(expect.objectContaining({ sqlState }));
    }
    const startup = new FrameReader(100);
    startup.push(Buffer.from('GET / HTTP/1.1\r\n'));
    expect(() => startup.nextStartup()).toThrow(expect.objectContaining({ sqlState: '08P01' }));
  });
});

describe('ResponseScanner', () => {
  const notification = message('A', Buffer.concat([Buffer.from([0, 0, 0, 9]), text('sky'), text('payload')]));
  const row = message('D', Buffer.from('some row data'));
  const complete = message('C', text('SELECT 1'));

  it('keeps notifications back, whatever the cuts, and hands on every other byte in order', () => {
    const response = Buffer.concat([row, notification, row, complete, notification, readyForQuery('T')]);
    for (let size = 1; size <= response.length; size++) {
      const scanner = new ResponseScanner(false, 1e6);
      for (let at = 0; at < response.length; at += size) scanner.push(response.subarray(at, at + size));
      expect(Buffer.concat(scanner.pieces)).toEqual(Buffer.concat([row, row, complete, readyForQuery('T')]));
      expect(scanner.facts).toMatchObject({ status: 'T', complete: true, rolledBack: false });
      expect(scanner.facts.notifications.map(({ channel }) => channel)).toEqual(['sky', 'sky']);
      expect(scanner.facts.notifications[0]!.message).toEqual(notification);
    }
  });

  it('knows an answer without its end: the backend was lost', () => {
    for (const response of [
      Buffer.alloc(0),
      row,
      Buffer.concat([readyForQuery(), row]),
      readyForQuery().subarray(0, 4),
    ]) {
      const scanner = new ResponseScanner(false, 1e6);
      scanner.push(response);
      expect(scanner.facts.complete).toBe(false);
    }
  });

  it('hides the second CopyInResponse and reads errors and rollbacks', () => {
    const scanner = new ResponseScanner(true, 1e6);
    scanner.push(
      Buffer.concat([
        copyInResponse(false),
        errorResponse('ERROR', '22012', 'division by zero'),
        message('C', text('ROLLBACK')),
        readyForQuery(),
      ]),
    );
    expect(scanner.pieces[0]![0]).toBe('E'.charCodeAt(0));
    expect(scanner.facts).toMatchObject({ error: 'division by zero', rolledBack: true, status: 'I' });
  });

  it('drops a result beyond the limit instead of holding it', () => {
    const scanner = new ResponseScanner(false, 100);
    for (let i = 0; i < 50; i++) scanner.push(row);
    scanner.push(readyForQuery());
    expect(scanner.overflowed).toBe(true);
    expect(scanner.pieces).toEqual([]);
    expect(scanner.facts.complete).toBe(true);
  });
});

describe('SQL recognition', () => {
  it('cuts statements at semicolons that are not inside strings, comments, quotes or dollar quotes', () => {
    const sql = `SELECT ';' -- ; no\n; /* ; /* nested ; */ ; */ SELECT "a;b"; DO $f$ BEGIN; END $f$; SELECT E'\\';', $$;$$; ;`;
    expect(splitStatements(sql).map(({ words }) => words.map((word) => word.text).join(' '))).toEqual([
      'select ;',
      'select a;b',
      'do  BEGIN; END ',
      "select \\'; , ;",
    ]);
  });

  it.each([
    ['COPY t FROM STDIN', 'only'],
    ['-- a comment\ncopy "t" (a, b) from stdin with (format binary);', 'only'],
    ['COPY t TO STDOUT', 'none'],
    ["SELECT 'copy t from stdin'", 'none'],
    ['BEGIN; COPY t FROM STDIN', 'mixed'],
    ["COPY t FROM '/tmp/stdin'", 'none'],
    ['EXPLAIN SELECT 1', 'none'],
  ])('%s reads standard input: %s', (sql, expected) => {
    expect(traitsOf(sql).copyFromStdin).toBe(expected);
  });

  it.each([
    ['/* BullMQ */ -- wake up\nLISTEN bullmq_jobs', [{ kind: 'listen', channel: 'bullmq_jobs' }]],
    ['listen "Mixed ""Case"""; UNLISTEN *', [{ kind: 'listen', channel: 'Mixed "Case"' }, { kind: 'unlisten' }]],
    ['LISTEN Sky', [{ kind: 'listen', channel: 'sky' }]],
    ["SET timezone TO 'Asia/Tokyo'", [{ kind: 'set', name: 'timezone', value: "'Asia/Tokyo'" }]],
    ['SET SESSION search_path = a, "B", public', [{ kind: 'set', name: 'search_path', value: 'a, "B", public' }]],
    ["SET TIME ZONE 'UTC'", [{ kind: 'set', name: 'timezone', value: "'UTC'" }]],
    ['SET almagest.user = 7', [{ kind: 'set', name: 'almagest.user', value: '7' }]],
    ['SET work_mem TO DEFAULT', [{ kind: 'set', name: 'work_mem' }]],
    ['SET LOCAL work_mem = 1', []],
    ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', []],
    ['RESET work_mem', [{ kind: 'set', name: 'work_mem' }]],
    ['RESET ALL', [{ kind: 'set' }]],
    ['DISCARD ALL', [{ kind: 'set' }]],
    ['UPDATE t SET timezone = 1', []],
  ])('%s', (sql, effects) => {
    expect(traitsOf(sql).effects).toEqual(effects);
  });
});
