import { describe, expect, it } from '@jest/globals';
import { toyWorld } from '../testing/toy-world.js';
import { PipelineError } from './errors.js';
import { executeGraph } from './execute.js';
import { buildGraph } from './graph.js';
import { parsePipeline } from './pipeline.js';
import { collectedValue } from './cluster-request.js';
import { NumberJson } from '../testing/toy-tasks.js';

const collections = { inputCollections: ['raw', 'calib'] };
const options = { run: 'out', softwareVersion: 'test' };

describe('a graph', () => {
  it('joins dimensions: a quantum per visit and detector, many visits into one patch', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline('name: p\ntasks: { stack: {}, clean: {} }', world.tasks);
    const graph = await buildGraph(pipeline, {}, world.registry, collections);
    expect(graph.quanta.filter(({ label }) => label === 'clean')).toHaveLength(6);
    const patches = graph.quanta.filter(({ label }) => label === 'stack');
    // visits 1 and 2 are r; visit 3 is g: patch 1 in r takes visits 1 and 2, patch 2 visit 2 in r and visit 3 in g
    expect(patches.map(({ dataId, inputs }) => [dataId.patch, dataId.band, inputs.images!.length])).toEqual(
      expect.arrayContaining([
        [1, 'r', 4],
        [2, 'r', 2],
        [2, 'g', 2],
      ]),
    );
    expect(patches).toHaveLength(3);
    const report = await executeGraph(graph, { ...options, store: world.store, collect: ['coadd'] });
    expect(report.outcome).toBe('done');
    // raw - bias = 10 * visit
    expect(report.collected.find(({ dataId }) => dataId.patch === 1)!.value).toEqual([10, 10, 20, 20]);
  });

  it('can be restricted by a query', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline('name: p\ntasks: { clean: {} }', world.tasks);
    expect(
      (await buildGraph(pipeline, { visit: [1, '2'], detector: 0 }, world.registry, collections)).quanta,
    ).toHaveLength(2);
    expect((await buildGraph(pipeline, { band: 'g' }, world.registry, collections)).quanta).toHaveLength(2);
    await expect(buildGraph(pipeline, { vist: 1 } as never, world.registry, collections)).rejects.toThrow(
      "no dimension 'vist'",
    );
  });

  it('prunes quanta whose inputs are not there, and says why', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline('name: p\ntasks: { clean: {}, measure: {} }', world.tasks);
    const graph = await buildGraph(pipeline, {}, world.registry, { inputCollections: ['raw'] });
    expect(graph.quanta).toHaveLength(0);
    expect(graph.pruned[0]).toMatchObject({ label: 'clean', reason: "bias needs a 'bias', found 0" });
  });

  it('finds prerequisites by half-open validity', async () => {
    const world = await toyWorld();
    const at = async (time: bigint): Promise<number> => {
      const { MemoryRegistry } = await import('./memory-registry.js');
      const registry = new MemoryRegistry({
        ...world.registry.content,
        datasets: await world.registry.datasets({ datasetType: 'raw', query: {}, collections: ['raw'] }),
        visitTimeNs: () => time,
      });
      return (await buildGraph(parsePipeline('name: p\ntasks: { clean: {} }', world.tasks), {}, registry, collections))
        .quanta.length;
    };
    expect([await at(-1n), await at(0n), await at(999n), await at(1000n)]).toEqual([0, 6, 6, 0]);
  });

  it('refuses a circle and names the way round', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline(
      'name: p\ntasks: { measure: { inputs: { clean: second } }, again: { task: measure, inputs: { clean: measured }, outputs: { measured: second } } }',
      world.tasks,
    );
    await expect(buildGraph(pipeline, {}, world.registry)).rejects.toMatchObject({
      code: 'CYCLE',
      details: { cycle: ['measure', 'again', 'measure'] },
    });
  });

  it('refuses two datasets where one is wanted', async () => {
    const world = await toyWorld();
    const { defineTask } = await import('./task.js');
    const { one } = await import('./connection.js');
    const { z } = await import('zod');
    world.tasks.register(
      defineTask({
        name: 'perVisit',
        version: '1',
        dimensions: ['visit'],
        config: z.object({}),
        inputs: { raw: one('raw', NumberJson, { dimensions: ['visit', 'detector'] }) },
        outputs: {},
        run: () => ({}),
      }),
    );
    const pipeline = parsePipeline('name: p\ntasks: { perVisit: {} }', world.tasks);
    await expect(buildGraph(pipeline, {}, world.registry, collections)).rejects.toThrow(PipelineError);
  });
});

describe('execution', () => {
  it('keeps what is asked for and nothing else, and hands values over in memory', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline(
      'name: p\ntasks: { clean: { config: { scale: 2 } }, measure: {} }\npersist: [measured]',
      world.tasks,
    );
    const graph = await buildGraph(pipeline, {}, world.registry, collections);
    expect(graph.clusters).toHaveLength(6);
    const before = world.store.size;
    const report = await executeGraph(graph, {
      ...options,
      store: world.store,
      provenance: world.provenance,
      collect: ['clean'],
    });
    expect(world.store.size - before).toBe(6);
    expect(report.stored.every(({ datasetType }) => datasetType === 'measured')).toBe(true);
    expect(report.counts.done).toBe(12);
    expect(report.quanta[0]!.metrics).toEqual([{ name: 'level', value: 10, unit: 'electron' }]);
    expect(await collectedValue(report.collected[0]!, NumberJson)).toBe(20);
    expect(world.provenance.records).toHaveLength(12);
    const made = world.provenance.records.find(({ label }) => label === 'measure')!;
    expect(made.inputs.clean![0]!.datasetType).toBe('clean');
    expect(made.task).toEqual({ name: 'measure', version: '1', package: 'toy', packageVersion: '0.0.1' });
  });

  it('lets a dead quantum take only its dependants with it', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline(
      'name: p\ntasks: { clean: { config: { dead: [1] } }, measure: {}, stack: {} }',
      world.tasks,
    );
    const report = await executeGraph(await buildGraph(pipeline, {}, world.registry, collections), {
      ...options,
      store: world.store,
      collect: ['coadd'],
    });
    expect(report.counts).toMatchObject({ done: 3 + 3 + 3, failed: 3, upstream: 3 });
    expect(report.outcome).toBe('partial');
    const failed = report.quanta.find(({ status }) => status === 'failed')!;
    expect(failed.failure).toMatchObject({ kind: 'unprocessable', code: 'DEAD_DETECTOR', details: { detector: 1 } });
    // the stack goes on with the detectors that live, and says which are missing
    const stacked = report.quanta.find(({ label, dataId }) => label === 'stack' && dataId.patch === 1)!;
    expect(stacked.missing).toHaveLength(2);
    expect(report.collected.find(({ dataId }) => dataId.patch === 1)!.value).toEqual([10, 20]);
  });

  it('calls dependants of a quantum without work noWork, not failed', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline(
      'name: p\ntasks: { clean: { config: { dead: [0, 1], failure: noWork } }, measure: {} }',
      world.tasks,
    );
    const report = await executeGraph(await buildGraph(pipeline, {}, world.registry, collections), {
      ...options,
      store: world.store,
    });
    expect(report.counts.noWork).toBe(12);
    expect(report.outcome).toBe('done');
  });

  it('unrolls fixed repetition, carries results on and hands the last to those after it', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline(
      `name: p
tasks: { useModel: {}, refine: {} }
repeat:
  - { iterations: [bootstrap, refine, final], tasks: [refine], carry: { previousModel: model }, overrides: { final: { refine.config.digits: 3 } } }`,
      world.tasks,
    );
    const graph = await buildGraph(pipeline, {}, world.registry, collections);
    expect(graph.quanta.map(({ id }) => id)).toEqual([
      'refine@bootstrap(tract=0,iteration=bootstrap)',
      'refine@refine(tract=0,iteration=refine)',
      'refine@final(tract=0,iteration=final)',
      'useModel(tract=0)',
    ]);
    expect(graph.quanta.map(({ config }) => (config as { digits?: number }).digits)).toEqual([0, 0, 3, undefined]);
    const report = await executeGraph(graph, { ...options, collect: ['final', 'model'] });
    // Newton's iteration for sqrt(2) from 1: 3/2, 17/12, 577/408, to the last bit but one
    const truth = [3 / 2, 17 / 12, 577 / 408, 577 / 408];
    expect(report.collected).toHaveLength(4);
    report.collected.forEach(({ value }, i) => expect(value).toBeCloseTo(truth[i]!, 14));
  });

  it('runs quanta that an expansion node emits, and gathers what lives', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline(
      'name: p\ntasks: { clean: { config: { scale: 0.3 } }, gather: {}, deblend: { config: { bad: 2 } }, findFamilies: {} }',
      world.tasks,
    );
    const graph = await buildGraph(pipeline, { visit: 1, detector: 0 }, world.registry, collections);
    expect(graph.quanta).toHaveLength(4);
    const report = await executeGraph(graph, { ...options, store: world.store, collect: ['catalog'] });
    // 10 * 0.3 = 3 families; the second dies
    expect(report.quanta.filter(({ label }) => label === 'deblend').map(({ status }) => status)).toEqual([
      'done',
      'failed',
      'done',
    ]);
    expect(report.quanta.filter(({ label }) => label === 'deblend').map(({ dataId }) => dataId.element)).toEqual([
      1, 2, 3,
    ]);
    expect(report.collected[0]!.value).toEqual([11, 31]);
    expect(report.quanta.at(-1)!.missing).toHaveLength(1);
  });

  it('gathers nothing when the expansion node emits nothing', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline('name: p\ntasks: { gather: {}, deblend: {}, findFamilies: {} }', world.tasks);
    const given = [{ datasetType: 'clean', dataId: { visit: 1, detector: 0 }, value: 0 }];
    const graph = await buildGraph(pipeline, { visit: 1, detector: 0 }, world.registry, { given });
    const report = await executeGraph(graph, { ...options, given, collect: ['catalog'] });
    expect(report.counts).toMatchObject({ done: 2 });
    expect(report.collected[0]!.value).toEqual([]);
  });

  it('takes up where it stopped: what is stored is not made again', async () => {
    const world = await toyWorld();
    const pipeline = parsePipeline(
      'name: p\ntasks: { clean: {}, measure: {}, stack: {} }\npersist: [measured, coadd]',
      world.tasks,
    );
    const graph = await buildGraph(pipeline, {}, world.registry, collections);
    const first = await executeGraph(graph, { ...options, store: world.store });
    expect(first.counts.done).toBe(15);
    const again = await executeGraph(graph, {
      ...options,
      store: world.store,
      registry: world.registry,
      skipExisting: true,
    });
    expect(again.counts).toMatchObject({ skipped: 15, done: 0 });
    // one product removed: its stored inputs are used, nothing else runs
    const lost = first.stored.find(({ datasetType }) => datasetType === 'coadd')!;
    await world.store.remove(lost);
    const { MemoryRegistry } = await import('./memory-registry.js');
    const datasets = first.stored.filter(({ id }) => id !== lost.id);
    const repaired = await executeGraph(graph, {
      ...options,
      store: world.store,
      registry: new MemoryRegistry({ datasets }),
      skipExisting: true,
    });
    expect(repaired.counts).toMatchObject({ skipped: 14, done: 1 });
  });

  it('stops between quanta when cancelled', async () => {
    const world = await toyWorld();
    const graph = await buildGraph(
      parsePipeline('name: p\ntasks: { clean: {}, measure: {} }', world.tasks),
      {},
      world.registry,
      collections,
    );
    const abort = new AbortController();
    const report = await executeGraph(graph, {
      ...options,
      store: world.store,
      signal: abort.signal,
      onQuantum: ({ label }) => {
        if (label === 'measure') abort.abort();
      },
    });
    expect(report.counts).toMatchObject({ done: 2, cancelled: 10 });
    expect(report.outcome).toBe('cancelled');
  });

  it('calls a store that fails transient, and a Task that throws by mistake a bug', async () => {
    const world = await toyWorld();
    const graph = await buildGraph(
      parsePipeline('name: p\ntasks: { clean: {} }', world.tasks),
      { visit: 1 },
      world.registry,
      collections,
    );
    const broken = {
      put: world.store.put.bind(world.store),
      exists: async () => true,
      remove: async () => {},
      get: async () => Promise.reject(new Error('EIO')),
    };
    const report = await executeGraph(graph, { ...options, store: broken });
    expect(report.quanta[0]!.failure).toMatchObject({ kind: 'transient', code: 'INPUT_UNREADABLE' });
    const damaged = { ...broken, get: async () => new TextEncoder().encode('{') };
    expect((await executeGraph(graph, { ...options, store: damaged })).quanta[0]!.failure).toMatchObject({
      kind: 'unprocessable',
      code: 'INPUT_DAMAGED',
    });
  });

  it('gives seeds fixed by visit, detector and purpose', async () => {
    const { seedOf } = await import('./random-seed.js');
    expect(seedOf({ visit: '1', detector: 2 }, 'a')).toBe(seedOf({ visit: 1, detector: 2, band: 'r' }, 'a'));
    const seeds = [0, 1, 2, 3].flatMap((visit) =>
      [0, 1].flatMap((detector) => ['a', 'b'].map((purpose) => seedOf({ visit, detector }, purpose))),
    );
    expect(new Set(seeds).size).toBe(16);
  });
});
