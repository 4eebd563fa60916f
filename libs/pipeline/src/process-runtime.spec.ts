import { describe, expect, it } from '@jest/globals';
import { toyWorld } from '../testing/toy-world.js';
import { executeGraph } from './execute.js';
import { buildGraph } from './graph.js';
import { parsePipeline } from './pipeline.js';
import { processRuntime } from './process-runtime.js';
import { regenerate } from './regenerate.js';
import { datasetRef } from './ports.js';

const modules = [new URL('../testing/toy-tasks.ts', import.meta.url).href];
const options = { run: 'out', softwareVersion: 'test' };
const inputCollections = ['raw', 'calib'];

describe('a Task out of process', () => {
  it('works on files, many inputs and many outputs, and gives what it gives here', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline(
      'name: p\ntasks: { clean: { runtime: process, config: { scale: 0.2 } }, findFamilies: { runtime: process }, deblend: {}, gather: { runtime: process } }',
      world.tasks,
    );
    const graph = await buildGraph(pipeline, { visit: 1, detector: 0 }, world.registry, { inputCollections });
    const report = await executeGraph(graph, {
      ...options,
      store: world.store,
      collect: ['catalog'],
      runtimes: { process: processRuntime({ modules }) },
    });
    expect(report.outcome).toBe('done');
    expect(report.collected[0]!.value).toEqual([11, 21]);
    expect(report.quanta[0]!.metrics).toEqual([{ name: 'level', value: 10, unit: 'electron' }]);
  });

  it('fails with the kind and code of its own failure, and is ended by a cancel or a time limit', async () => {
    const world = await toyWorld();
    const run = async (text: string, timeoutMs: number, signal?: AbortSignal) => {
      const graph = await buildGraph(parsePipeline(text, world.tasks), { visit: 1, detector: 0 }, world.registry, {
        inputCollections,
      });
      const runtimes = { process: processRuntime({ modules, timeoutMs }) };
      return executeGraph(graph, { ...options, store: world.store, runtimes, ...(signal !== undefined && { signal }) });
    };
    const dead = await run('name: p\ntasks: { clean: { runtime: process, config: { dead: [0] } } }', 10_000);
    expect(dead.quanta[0]!.failure).toMatchObject({ kind: 'unprocessable', code: 'DEAD_DETECTOR' });
    const spin = 'name: p\ntasks: { spin: { runtime: process, config: { polls: false } } }';
    expect((await run(spin, 300)).quanta[0]!.failure).toMatchObject({ kind: 'unprocessable', code: 'TIMEOUT' });
    expect((await run(spin, 10_000, AbortSignal.timeout(300))).outcome).toBe('cancelled');
  });

  it('needs a runtime to be there', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline('name: p\ntasks: { clean: { runtime: sandbox } }', world.tasks);
    const graph = await buildGraph(pipeline, { visit: 1, detector: 0 }, world.registry, { inputCollections });
    const report = await executeGraph(graph, { ...options, store: world.store });
    expect(report.quanta[0]!.failure).toMatchObject({ kind: 'bug', code: 'NO_RUNTIME' });
  });
});

describe('regeneration', () => {
  it('makes a dataset again from provenance, through inputs that were not kept', async () => {
    const world = await toyWorld();
    const { tasks, store, provenance } = world;
    const pipeline = parsePipeline('name: p\ntasks: { clean: { config: { scale: 3 } }, measure: {} }', tasks);
    const graph = await buildGraph(pipeline, {}, world.registry, { inputCollections });
    await executeGraph(graph, { ...options, store, provenance });
    const before = store.size;
    const wanted = datasetRef('out', 'measured', { visit: 2, detector: 1 });
    expect(await store.exists(wanted)).toBe(false);
    expect(await regenerate(wanted, { tasks, store, provenance })).toBe(60);
    expect(store.size).toBe(before);
    await expect(regenerate(wanted, { tasks, store, provenance, softwareVersion: 'other' })).rejects.toMatchObject({
      code: 'SOFTWARE_MISMATCH',
    });
    await expect(
      regenerate(datasetRef('out', 'measured', { visit: 9 }), { tasks, store, provenance }),
    ).rejects.toMatchObject({ code: 'NO_PROVENANCE' });
  });
});
