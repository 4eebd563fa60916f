import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger, EventLoopMonitor, MetricsRegistry, NestLogger, type Stall } from './index.js';

function capture() {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    level: 'debug',
    component: 'test',
    stream: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  return { lines, logger };
}

describe('the logger', () => {
  it('writes one JSON object a line, with the ids of its child and 64-bit ids as strings', () => {
    const { lines, logger } = capture();
    logger.child({ visitId: '7' }).info({ diaSourceId: 9007199254740993n }, 'measured');
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        component: 'test',
        visitId: '7',
        diaSourceId: '9007199254740993',
        message: 'measured',
      }),
    ]);
  });

  it('hides secrets', () => {
    const { lines, logger } = capture();
    logger.info({ password: 'hunter2', user: { token: 'abc' } }, 'login');
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|abc/);
  });

  it('keeps quiet below its level', () => {
    const { lines, logger } = capture();
    logger.trace('nobody asked');
    expect(lines).toEqual([]);
  });

  it('speaks for Nest: context, stack and level survive', () => {
    const { lines, logger } = capture();
    const nest = new NestLogger(logger);
    nest.log('Mapped {/visits}', 'RouterExplorer');
    nest.error('boom', 'Error: boom\n  at here', 'ExceptionsHandler');
    nest.warn(new Error('odd'));
    expect(lines).toMatchObject([
      { level: 'info', message: 'Mapped {/visits}', context: 'RouterExplorer' },
      { level: 'error', message: 'boom', stack: 'Error: boom\n  at here', context: 'ExceptionsHandler' },
      { level: 'warn', message: 'odd', err: { message: 'odd' } },
    ]);
  });
});

describe('EventLoopMonitor', () => {
  it('names the job that blocked the event loop, and no other', async () => {
    const stalls: Stall[] = [];
    const monitor = new EventLoopMonitor({ intervalMs: 10, thresholdMs: 300, onStall: (stall) => stalls.push(stall) });
    monitor.start();
    await monitor.during('detector-1', () => sleep(30));
    await sleep(30);
    await monitor.during('detector-2', async () => {
      const end = performance.now() + 400;
      while (performance.now() < end);
    });
    await sleep(40);
    monitor.stop();
    const blamed = stalls.filter((stall) => stall.activities.length > 0);
    expect(blamed.map((stall) => stall.activities)).toEqual([['detector-2']]);
    expect(blamed[0]!.durationMs).toBeGreaterThanOrEqual(300);
  });
});

describe('MetricsRegistry', () => {
  it("renders Prometheus' text format 0.0.4", () => {
    const metrics = new MetricsRegistry();
    const jobs = metrics.counter('almagest_jobs_total', 'Jobs by outcome');
    jobs.increment({ queue: 'visits', outcome: 'ok' });
    jobs.increment({ outcome: 'ok', queue: 'visits' }, 2);
    jobs.increment({ queue: 'a"b\\c\n', outcome: 'failed' });
    metrics.gauge('almagest_backlog', 'Waiting jobs').set(4);
    const duration = metrics.histogram('almagest_job_seconds', 'Duration', [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) duration.observe(value);
    expect(metrics.render()).toBe(
      [
        '# HELP almagest_jobs_total Jobs by outcome',
        '# TYPE almagest_jobs_total counter',
        'almagest_jobs_total{queue="visits",outcome="ok"} 3',
        'almagest_jobs_total{queue="a\\"b\\\\c\\n",outcome="failed"} 1',
        '# HELP almagest_backlog Waiting jobs',
        '# TYPE almagest_backlog gauge',
        'almagest_backlog 4',
        '# HELP almagest_job_seconds Duration',
        '# TYPE almagest_job_seconds histogram',
        'almagest_job_seconds_bucket{le="0.1"} 2',
        'almagest_job_seconds_bucket{le="1"} 3',
        'almagest_job_seconds_bucket{le="+Inf"} 4',
        'almagest_job_seconds_sum 7.65',
        'almagest_job_seconds_count 4',
        '',
      ].join('\n'),
    );
  });

  it('refuses a doubled name, a shrinking counter, NaN and disordered buckets', () => {
    const metrics = new MetricsRegistry();
    const counter = metrics.counter('a', 'a');
    expect(() => metrics.gauge('a', 'again')).toThrow('already');
    expect(() => metrics.gauge('1a', 'bad')).toThrow('not a metric name');
    expect(() => counter.increment({}, -1)).toThrow('cannot grow');
    expect(() => metrics.histogram('h', 'h', [1, 1])).toThrow('must grow');
    expect(() => metrics.histogram('g', 'g').observe(Number.NaN)).toThrow('NaN');
  });

  it('times work that fails, too', async () => {
    const metrics = new MetricsRegistry();
    const duration = metrics.histogram('d', 'd', [10]);
    await expect(duration.time(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(metrics.render()).toContain('d_count 1');
  });
});
