import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Exposure } from '#libs/image';
import { MemoryDatasetStore, MemoryProvenance, MemoryRegistry, type QuantumReport, runCluster } from '#libs/pipeline';
import { ExposureStorage, TableStorage } from '#libs/productions';
import { parse } from 'yaml';
import { starField } from '../testing/star-field.js';
import { checkSubmission, executeSubmission, type Level3Environment, type SubmissionInput } from './index.js';

async function fieldWorld() {
  const field = starField(4);
  const registry = new MemoryRegistry({ rows: [field.map(({ dataId, band }) => ({ ...dataId, band }))] });
  const store = new MemoryDatasetStore(registry);
  const provenance = new MemoryProvenance();
  for (const { dataId, sources } of field)
    await store.put(
      {
        datasetType: 'source',
        dataId,
        run: 'ap/ToyCam',
        storageClass: 'Table',
        extension: '.fits',
        mediaType: 'application/fits',
      },
      await TableStorage.encode(sources),
    );
  const exposure: Exposure = {
    width: 3,
    height: 2,
    image: Float32Array.of(1, 2, 3, 4, 5, NaN),
    mask: Int32Array.of(0, 0, 0, 0, 0, 1),
    variance: new Float32Array(6).fill(4),
    metadata: { SKYLEVEL: 2 },
    info: {
      instrument: 'ToyCam',
      visit: 9007199254740993n,
      detector: 0,
      band: 'g',
      midpointMjdTai: 61000.5,
      exposureTime: 30,
    },
  };
  await store.put(
    {
      datasetType: 'calexp',
      dataId: field[0]!.dataId,
      run: 'ap/ToyCam',
      storageClass: 'Exposure',
      extension: '.fits',
      mediaType: 'application/fits',
    },
    await ExposureStorage.encode(exposure),
  );
  return { registry, store, provenance };
}

async function execute(submission: SubmissionInput, signal?: AbortSignal) {
  const { registry, store, provenance } = await fieldWorld();
  const checked = checkSubmission(submission, { user: 'ada' });
  const environment: Level3Environment = {
    registry,
    store,
    provenance,
    threads: (onQuantum: (report: QuantumReport) => void) => ({
      concurrency: 1,
      runCluster: (request) => runCluster(request, { tasks: checked.tasks, store, provenance, onQuantum }),
    }),
  };
  const told: number[] = [];
  const run = 'u/ada/level3.1';
  const report = await executeSubmission(checked, environment, {
    run,
    ...(signal && { signal }),
    progress: (fraction) => told.push(fraction),
  });
  const result = async (datasetType: string): Promise<readonly Uint8Array[]> => {
    const refs = await registry.datasets({ datasetType, query: {}, collections: [run] });
    return Promise.all(refs.map((ref) => store.get(ref)));
  };
  return { report, told, result, provenance };
}

const one = (code: string, changes: object = {}): SubmissionInput => ({
  pipeline: { tasks: { mine: null } },
  data: { instrument: 'ToyCam' },
  tasks: [
    {
      name: 'mine',
      code,
      dimensions: ['visit', 'detector'],
      inputs: [{ name: 'exposure', datasetType: 'calexp', storageClass: 'Exposure' }],
      outputs: [{ name: 'out', datasetType: 'mine', storageClass: 'JSON' }],
      ...changes,
    },
  ],
  limits: { timeMs: 1200, memoryMiB: 512 },
});
const exposureOut = { outputs: [{ name: 'out', datasetType: 'mine', storageClass: 'Exposure' }] };
const tableOut = { outputs: [{ name: 'out', datasetType: 'mine', storageClass: 'Table' }] };

describe('a submission that runs', () => {
  it('finds the variable stars of the worked example, the bluest first', async () => {
    const text = readFileSync(new URL('../examples/blue-variables.yaml', import.meta.url), 'utf8');
    const example = parse(text) as SubmissionInput;
    const { report, told, result, provenance } = await execute({ ...example, data: { instrument: 'ToyCam' } });
    // raw frames are absent: that part is not planned, and the rest lives
    expect(report).toMatchObject({ outcome: 'done', results: 3, failures: [], counts: { done: 3 } });
    expect(report.notPlanned.map(({ label }) => label)).toContain('characterize');
    expect(report.log.toSorted()).toEqual([
      'lightCurves (band=g): g: 16 sources, 4 stars',
      'lightCurves (band=r): r: 16 sources, 4 stars',
    ]);
    expect(told.at(-1)).toBe(1);
    const table = await TableStorage.decode((await result('blueVariable'))[0]!);
    // truth: star 1 has g = 2 r, star 3 r = 2 g, each in both bands by the same factor: -2.5 log10(2) = -0.7526 mag
    expect(table.rowCount).toBe(2);
    expect(table.value('gMinusR', 0)).toBeCloseTo(-0.75257, 4);
    expect(table.value('gMinusR', 1)).toBeCloseTo(0.75257, 4);
    expect(table.column('gMinusR').unit).toBe('mag');
    // star 1 in g: fluxes 2000, 2400, 2000, 2400 +- 10 about 2200: (4 x 20^2) / 3 per degree of freedom
    expect(table.value('chi2', 0)).toBeCloseTo((4 * 20 ** 2) / 3, 6);
    expect(provenance.records.map(({ task }) => task.package)).toEqual(['user', 'user', 'user']);
    expect(provenance.records[0]!.inputs['sources']).toHaveLength(4);
  });

  it('gives an Exposure with its planes, and takes one back with what calibrates it', async () => {
    const code = `function run({ exposure }, { log }) {
      const { width, height, image, mask, variance, info, metadata } = exposure;
      log([info.band, String(info.visit), metadata.SKYLEVEL, mask[5], exposure.wcs].join());
      return { out: { width, height, image: image.map((v) => 2 * v), mask, variance: Float64Array.from(variance), metadata: { DOUBLED: true }, like: 'exposure' } };
    }`;
    const { report, result } = await execute(one(code, exposureOut));
    expect(report).toMatchObject({
      outcome: 'done',
      log: ['mine (visit=9007199254740993,detector=0): g,9007199254740993,2,1,'],
    });
    const made = await ExposureStorage.decode((await result('mine'))[0]!);
    expect(made).toMatchObject({
      image: Float32Array.of(2, 4, 6, 8, 10, NaN),
      variance: new Float32Array(6).fill(4),
      metadata: { DOUBLED: true },
      info: { visit: 9007199254740993n },
    });
  });

  it('takes tables of every kind of column', async () => {
    const code = `function run() { return { out: { columns: {
      f: Float32Array.of(1.5, 2), i: Int32Array.of(-1, 2), n: [1, null], b: [true, false], s: ['a', 'bc'], l: BigInt64Array.of(9007199254740993n, -1n), u: { data: Uint16Array.of(1, 65535), unit: 'px' } } } }; }`;
    const { report, result } = await execute(one(code, tableOut));
    expect(report.failures).toEqual([]);
    const table = await TableStorage.decode((await result('mine'))[0]!);
    expect(table.row(1)).toMatchObject({ f: 2, i: 2, n: NaN, b: false, l: -1n, u: 65535 });
    expect(table.value('l', 0)).toBe(9007199254740993n);
    expect(table.column('u').unit).toBe('px');
  });

  it.each<[string, string, object, string, RegExp]>([
    ['no output', 'function run() { return {}; }', {}, 'BAD_OUTPUT', /run returned no 'out'/],
    [
      'an output nobody asked for',
      'function run() { return { out: 1, more: 2 }; }',
      {},
      'BAD_OUTPUT',
      /'more', which is no output/,
    ],
    [
      'columns of different lengths',
      'function run() { return { out: { columns: { a: [1], b: [1, 2] } } }; }',
      tableOut,
      'BAD_OUTPUT',
      /output 'out': column 'b' has 2 rows but 'a' has 1/,
    ],
    [
      'a column of mixed kinds',
      "function run() { return { out: { columns: { a: [1, 'x'] } } }; }",
      tableOut,
      'BAD_OUTPUT',
      /mixes number and string/,
    ],
    ['a table that is a number', 'function run() { return { out: 3 }; }', tableOut, 'BAD_OUTPUT', /a Table is/],
    [
      'a unit of no column',
      "function run() { return { out: { columns: { a: [1] }, units: { b: 'm' } } }; }",
      tableOut,
      'BAD_OUTPUT',
      /units\.b: there is no column/,
    ],
    [
      'an image of the wrong size',
      'function run() { return { out: { width: 2, height: 2, image: new Float32Array(3) } }; }',
      exposureOut,
      'BAD_OUTPUT',
      /image has 3 pixels; width x height is 4/,
    ],
    [
      'an image that is a list',
      'function run() { return { out: { width: 1, height: 1, image: [1] } }; }',
      exposureOut,
      'BAD_OUTPUT',
      /image must be a typed array/,
    ],
    [
      'an image like nothing',
      "function run() { return { out: { width: 1, height: 1, image: new Float32Array(1), like: 'x' } }; }",
      exposureOut,
      'BAD_OUTPUT',
      /no Exposure input \(there are: exposure\)/,
    ],
    [
      'an error of its own',
      'function run() {\n  throw new Error("mine");\n}',
      {},
      'USER_CODE_FAILED',
      /mine \(task\.js:2/,
    ],
    ['an endless loop', 'function run() { for (;;); }', {}, 'TIME_LIMIT', /1200 ms/],
  ])('reports %s', async (_what, code, changes, expected, message) => {
    const { report } = await execute(one(code, changes));
    expect(report).toMatchObject({ outcome: 'failed', results: 0, counts: { failed: 1 } });
    expect(report.failures[0]).toMatchObject({
      label: 'mine',
      code: expected,
      message: expect.stringMatching(message),
    });
    expect(report.failures[0]).not.toHaveProperty('stack');
  });

  it('keeps what succeeded when some of it fails', async () => {
    const code = `function run({ sources }, { dataId }) { if (dataId.visit.endsWith('3')) throw new Error('not this one'); return { out: { rows: sources.rowCount, nan: NaN } }; }`;
    const inputs = [{ name: 'sources', datasetType: 'source', storageClass: 'Table' }];
    const { report, result } = await execute(one(code, { inputs }));
    expect(report).toMatchObject({ outcome: 'partial', results: 7, counts: { done: 7, failed: 1 } });
    expect(new TextDecoder().decode((await result('mine'))[0])).toBe('{"rows":4,"nan":null}');
  });

  it('stops when it is aborted', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 300);
    const { report } = await execute(one('function run() { for (;;); }'), controller.signal);
    expect(report).toMatchObject({ outcome: 'cancelled', results: 0 });
    expect(report.seconds).toBeLessThan(1.1);
  });

  it('says why there is nothing to do', async () => {
    await expect(
      execute({ ...one('function run() {}'), data: { instrument: 'ToyCam', visit: '1' } }),
    ).rejects.toMatchObject({
      code: 'NO_DATA',
    });
  });

  it('hands datasets from library Tasks to users’ Tasks and back, through the store', async () => {
    const { pipeline, ...rest } = one(
      `function run({ exposure }) { return { out: { ...exposure, like: 'exposure' } }; }`,
      { ...exposureOut, inputs: [{ name: 'exposure', datasetType: 'icExp', storageClass: 'Exposure' }] },
    );
    expect(pipeline).toBeDefined();
    const { report, provenance, result } = await execute({
      ...rest,
      pipeline: {
        tasks: {
          characterize: { inputs: { visitImage: 'calexp' } },
          mine: null,
          again: {
            task: 'characterize',
            inputs: { visitImage: 'mine' },
            outputs: { exposure: 'icExp2', sources: 'icSource2', background: 'background2' },
          },
        },
      },
    });
    expect(report).toMatchObject({ outcome: 'done', counts: { done: 3 }, results: 6 });
    const [first, mine, again] = provenance.records;
    expect([first, mine, again].map((record) => record!.label)).toEqual(['characterize', 'mine', 'again']);
    // the user's exposure is the library Task's input, by its id, and what crossed over was stored though nobody asked to keep it
    expect(again!.inputs['visitImage']).toEqual(mine!.outputs['out']);
    expect(mine!.inputs['exposure']).toEqual(first!.outputs['exposure']);
    expect(await result('icExp')).toHaveLength(1);
  });
});
