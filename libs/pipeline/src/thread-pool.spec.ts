import { afterAll, describe, expect, it } from '@jest/globals';
import { NumberJson } from '../testing/toy-tasks.js';
import { toyWorld } from '../testing/toy-world.js';
import { collectedValue } from './cluster-request.js';
import { executeGraph } from './execute.js';
import { buildGraph } from './graph.js';
import { parsePipeline } from './pipeline.js';
import { ThreadPool } from './thread-pool.js';

const modules = [new URL('../testing/toy-tasks.ts', import.meta.url).href];
const options = { run: 'out', softwareVersion: 'test' };
// starting a thread compiles its sources here: few threads, many tests
const pool = new ThreadPool({ cores: 2, modules, graceMs: 10_000, arenaBytes: 64 * 1024 ** 2 });
const strictPool = new ThreadPool({ cores: 2, coresPerJob: 2, modules, graceMs: 200, arenaBytes: 1024 ** 2 });
afterAll(() => Promise.all([pool.close(), strictPool.close()]));

async function graphOf(text: string, query = {}) {
  const world = await toyWorld();
  return {
    world,
    graph: await buildGraph(parsePipeline(text, world.tasks), query, world.registry, {
      inputCollections: ['raw', 'calib'],
    }),
  };
}

describe('clusters in threads', () => {
  it('give the same results as in this thread, through the ports of the process', async () => {
    const { world, graph } = await graphOf(
      'name: p\ntasks: { clean: {}, measure: {}, stack: {} }\npersist: [measured]',
    );
    const { store, provenance } = world;
    const report = await executeGraph(graph, {
      ...options,
      collect: ['coadd', 'clean'],
      dispatcher: pool.dispatcher({ store, provenance }),
    });
    expect(report.counts).toMatchObject({ done: 15, failed: 0 });
    expect(pool.size).toBe(2);
    expect(provenance.records).toHaveLength(15);
    const patch = report.collected.find(({ datasetType, dataId }) => datasetType === 'coadd' && dataId.patch === 1)!;
    expect(patch.bytes).toBeInstanceOf(Uint8Array);
    expect(await collectedValue(patch, NumberJson as never)).toEqual([10, 10, 20, 20]);
  });

  it('take inputs from memory, plain values as they are and others in their file form', async () => {
    const world = await toyWorld();
    const dataId = { visit: 1, detector: 0 };
    const given = [
      { datasetType: 'clean', dataId, bytes: new TextEncoder().encode('40') },
      { datasetType: 'hint', dataId, value: 2 },
    ];
    const pipeline = parsePipeline('name: p\ntasks: { measure: {} }', world.tasks);
    const graph = await buildGraph(pipeline, dataId, world.registry, { given });
    const report = await executeGraph(graph, {
      ...options,
      given,
      collect: ['measured'],
      dispatcher: pool.dispatcher(),
    });
    expect(await collectedValue(report.collected[0]!, NumberJson)).toBe(42);
  });

  it('stop within a kernel that polls, and the thread lives on', async () => {
    const { graph } = await graphOf('name: p\ntasks: { spin: {} }', { visit: 1, detector: 0 });
    await executeGraph(
      (await graphOf('name: p\ntasks: { planes: { config: { planes: 1, pixels: 16 } } }', { visit: 1, detector: 0 }))
        .graph,
      { ...options, dispatcher: pool.dispatcher() },
    );
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 150);
    const started = performance.now();
    const report = await executeGraph(graph, { ...options, signal: abort.signal, dispatcher: pool.dispatcher() });
    expect(report.outcome).toBe('cancelled');
    expect(performance.now() - started).toBeLessThan(3000);
    expect(pool.size).toBe(2);
  });

  it('are ended with their thread when a kernel does not poll, and the next job gets a fresh one', async () => {
    const where = { visit: 1, detector: 0 };
    const quick = await graphOf('name: p\ntasks: { planes: { config: { planes: 1, pixels: 16 } } }', where);
    const dispatcher = strictPool.dispatcher();
    expect((await executeGraph(quick.graph, { ...options, dispatcher })).outcome).toBe('done');
    const { graph } = await graphOf('name: p\ntasks: { spin: { config: { polls: false } } }', where);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    const started = performance.now();
    const report = await executeGraph(graph, { ...options, signal: abort.signal, dispatcher });
    expect(report.outcome).toBe('cancelled');
    // the flag alone does not stop it: the grace time passes first
    expect(performance.now() - started).toBeGreaterThan(390);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(strictPool.size).toBe(0);
    expect((await executeGraph(quick.graph, { ...options, dispatcher })).outcome).toBe('done');
  });

  it('use one arena each: memory stays flat from job to job, and planes begin at zero', async () => {
    const { graph } = await graphOf('name: p\ntasks: { planes: { config: { planes: 4, pixels: 1048576 } } }', {
      visit: 1,
      detector: 0,
    });
    let first = 0;
    for (let job = 0; job < 20; job++) {
      const report = await executeGraph(graph, { ...options, collect: ['planeSum'], dispatcher: pool.dispatcher() });
      expect(report.quanta.map(({ failure }) => failure)).toEqual([undefined]);
      // planes 1 to 4 are filled with 1, 2, 3, 4; a dirty plane would add to this
      expect(await collectedValue(report.collected[0]!, NumberJson)).toBe(10);
      if (job === 0) first = pool.peakBytes;
    }
    expect(pool.peakBytes).toBe(first);
    expect(first).toBe(16 * 1024 ** 2);
    expect(pool.size).toBe(2);
  });

  it('fail with a reason when the arena is too small', async () => {
    const { graph } = await graphOf('name: p\ntasks: { planes: {} }', { visit: 1, detector: 0 });
    const report = await executeGraph(graph, { ...options, dispatcher: strictPool.dispatcher() });
    expect(report.quanta[0]!.failure).toMatchObject({ kind: 'unprocessable', code: 'ARENA_FULL' });
  });

  it('never run more than the core budget allows', async () => {
    expect(() => new ThreadPool({ cores: 1, coresPerJob: 2, modules })).toThrow('does not fit');
    const { graph } = await graphOf('name: p\ntasks: { spin: { config: { seconds: 0.02 } } }');
    expect(
      (
        await executeGraph(graph, {
          ...options,
          dispatcher: { concurrency: 6, runCluster: (request) => strictPool.run(request) },
        })
      ).counts.done,
    ).toBe(6);
    expect(strictPool.size).toBe(1);
  });

  it('tell of a module that cannot be loaded', async () => {
    const broken = new ThreadPool({ cores: 1, modules: ['file:///nowhere/tasks.js'] });
    const { graph } = await graphOf('name: p\ntasks: { planes: {} }', { visit: 1, detector: 0 });
    const report = await executeGraph(graph, { ...options, dispatcher: broken.dispatcher() });
    expect(report.quanta[0]!.failure).toMatchObject({ code: 'MODULE_INVALID' });
    await broken.close();
  });
});
