import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import {
  type DataId,
  type DatasetRef,
  buildGraph,
  datasetRef,
  executeGraph,
  parsePipeline,
  regenerate,
  TaskRegistry,
} from '#libs/pipeline';
import { type TestDatabase, openTestDatabase, testFolder } from '../../../test/support/medium.js';
import { taskPackage } from '../../pipeline/testing/toy-tasks.js';
import {
  DatabaseDatasetStore,
  DatabaseProvenance,
  DatabaseRegistry,
  FolderStorage,
  type FrameFacts,
  certify,
  flattenCollections,
  framesOfVisit,
  ingestRawFrame,
  makeCollection,
  makeRun,
  registerCoverage,
  setChain,
  tagDatasets,
} from './index.js';

let database: TestDatabase;
let storage: FolderStorage;
let store: DatabaseDatasetStore;
let registry: DatabaseRegistry;
beforeAll(async () => {
  database = await openTestDatabase();
  storage = new FolderStorage(testFolder('datastore'));
  store = new DatabaseDatasetStore(database.dataSource, storage);
  registry = new DatabaseRegistry(database.dataSource);
});
afterAll(() => database.close());

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const put = (datasetType: string, dataId: DataId, value: unknown, run: string): Promise<DatasetRef> =>
  store.put(
    { datasetType, dataId, run, storageClass: 'NumberJson', extension: '.json', mediaType: 'application/json' },
    bytes(value),
  );
const BIG = 9007199254740993n; // 2^53 + 1
const facts = (visit: bigint, detector: number, more: Partial<FrameFacts> = {}): FrameFacts => ({
  instrument: 'ToyCam',
  visit,
  snap: 0,
  detector,
  stage: 'raw',
  purpose: 'science',
  band: visit === 3n ? 'g' : 'r',
  physicalFilter: 'x',
  day: 20261120,
  beginNs: visit * 100n,
  endNs: visit * 100n + 10n,
  raDeg: 359.9,
  decDeg: -60,
  expectedSnaps: 1,
  expectedDetectors: [0, 1],
  ...more,
});

describe('ingest', () => {
  it('acknowledges a frame once its bytes and its row are safe, and knows when a visit is complete', async () => {
    const first = await ingestRawFrame(database.dataSource, storage, bytes('visit 1 detector 0'), facts(1n, 0));
    expect(first).toMatchObject({ duplicate: false, visitComplete: false });
    expect(await storage.exists(first.storageKey)).toBe(true);
    const second = await ingestRawFrame(database.dataSource, storage, bytes('visit 1 detector 1'), facts(1n, 1));
    expect(second.visitComplete).toBe(true);
    for (const visit of [2n, 3n, BIG])
      for (const detector of [0, 1])
        await ingestRawFrame(
          database.dataSource,
          storage,
          bytes(`visit ${visit} detector ${detector}`),
          facts(visit, detector),
        );
    expect(
      (await framesOfVisit(database.dataSource, 'ToyCam', BIG)).map(({ visit, detector }) => [visit, detector]),
    ).toEqual([
      [BIG, 0],
      [BIG, 1],
    ]);
  });
  it('takes the same bytes as the same frame, also after their file was lost, and refuses others for the same place', async () => {
    const again = await ingestRawFrame(database.dataSource, storage, bytes('visit 1 detector 0'), facts(1n, 0));
    expect(again).toMatchObject({ duplicate: true, visitComplete: true });
    await rm(storage.pathOf(again.storageKey));
    expect(await ingestRawFrame(database.dataSource, storage, bytes('visit 1 detector 0'), facts(1n, 0))).toMatchObject(
      { rawFrameId: again.rawFrameId },
    );
    expect(await storage.exists(again.storageKey)).toBe(true);
    await expect(ingestRawFrame(database.dataSource, storage, bytes('other'), facts(1n, 0))).rejects.toMatchObject({
      code: 'CONFLICTING_FRAME',
    });
  });
  it('takes one frame from two writers at once', async () => {
    const both = await Promise.all(
      [0, 1].map(() =>
        ingestRawFrame(database.dataSource, storage, bytes('calibrated'), facts(1n, 0, { stage: 'calibrated' })),
      ),
    );
    expect(both[0]!.rawFrameId).toBe(both[1]!.rawFrameId);
    expect(both.filter(({ duplicate }) => !duplicate).length).toBeLessThanOrEqual(1);
  });
});

describe('the registry', () => {
  it('joins visits, detectors, bands and patches, 64-bit ids exact', async () => {
    for (const visit of [1n, 2n, 3n]) {
      const patches = visit === 1n ? [1] : visit === 2n ? [1, 2] : [2];
      for (const detector of [0, 1])
        await registerCoverage(database.dataSource, {
          instrument: 'ToyCam',
          visit,
          detector,
          patches: patches.map((patch) => ({ tract: 0, patch })),
          healpix: [visit * 10n],
        });
    }
    expect(await registry.dataIds(['visit', 'detector'], { visit: BIG.toString() })).toEqual([
      { visit: BIG.toString(), detector: 0 },
      { visit: BIG.toString(), detector: 1 },
    ]);
    expect(await registry.dataIds(['band'], {})).toEqual([{ band: 'g' }, { band: 'r' }]);
    expect(await registry.dataIds(['visit', 'tract', 'patch'], { patch: 1 })).toEqual([
      { visit: '1', tract: 0, patch: 1 },
      { visit: '2', tract: 0, patch: 1 },
    ]);
    expect(await registry.dataIds(['tract', 'patch'], { visit: 3 })).toEqual([{ tract: 0, patch: 2 }]);
    expect(await registry.dataIds(['tract', 'patch'], {})).toHaveLength(2);
    expect(await registry.dataIds(['visit', 'snap', 'detector'], { visit: [1], instrument: 'ToyCam' })).toHaveLength(2);
    expect(await registry.dataIds(['instrument', 'detector'], {})).toHaveLength(2);
    expect(await registry.dataIds([], {})).toEqual([{}]);
  });

  it('finds calibrations by half-open validity at the middle of the visit', async () => {
    await makeCollection(database.dataSource, 'calib', 'calibration');
    const early = await put('bias', { detector: 0 }, 0, 'calib/1');
    const late = await put('bias', { detector: 0 }, 100, 'calib/2');
    const one = await put('bias', { detector: 1 }, 1, 'calib/1');
    // visit 2 lasts from 200 to 210: its middle is 205
    await certify(database.dataSource, 'calib', early, { untilNs: 205n });
    await certify(database.dataSource, 'calib', late, { fromNs: 205n, untilNs: 400n });
    await certify(database.dataSource, 'calib', one);
    await certify(database.dataSource, 'calib', one);
    const at = async (visit: number, detector: number) =>
      (
        await registry.prerequisites({
          datasetType: 'bias',
          dimensions: ['detector'],
          dataId: { visit, detector },
          collections: ['calib'],
        })
      ).map(({ id }) => id);
    expect(await at(1, 0)).toEqual([early.id]);
    expect(await at(2, 0)).toEqual([late.id]);
    expect(await at(3, 0)).toEqual([late.id]);
    expect(await at(3, 1)).toEqual([one.id]);
    const other = await put('bias', { detector: 0 }, 7, 'calib/3');
    await expect(certify(database.dataSource, 'calib', other, { fromNs: 399n })).rejects.toMatchObject({
      code: 'OVERLAPPING_VALIDITY',
    });
    await certify(database.dataSource, 'calib', other, { fromNs: 400n });
    await expect(certify(database.dataSource, 'calib', other, { fromNs: 5n, untilNs: 5n })).rejects.toMatchObject({
      code: 'INVALID_INTERVAL',
    });
  });

  it('finds spatial prerequisites by the cells a detector covers', async () => {
    await put('refcat', { healpix: '10' }, 1, 'refcats');
    await put('refcat', { healpix: '20' }, 2, 'refcats');
    const found = await registry.prerequisites({
      datasetType: 'refcat',
      dimensions: ['healpix'],
      dataId: { visit: '2', detector: 1 },
      collections: ['refcats'],
    });
    expect(found.map(({ dataId }) => dataId)).toEqual([{ healpix: '20' }]);
  });

  it('searches chains in order, first wins, and refuses circles', async () => {
    await put('x', { visit: 1 }, 'old', 'run/old');
    await put('x', { visit: 2 }, 'old', 'run/old');
    const newer = await put('x', { visit: 1 }, 'new', 'run/new');
    await makeCollection(database.dataSource, 'all', 'chained');
    await makeCollection(database.dataSource, 'outer', 'chained');
    await setChain(database.dataSource, 'all', ['run/new', 'run/old']);
    await setChain(database.dataSource, 'outer', ['all']);
    expect((await flattenCollections(database.dataSource, ['outer'])).map(({ name }) => name)).toEqual([
      'run/new',
      'run/old',
    ]);
    const found = await registry.datasets({ datasetType: 'x', query: {}, collections: ['outer'] });
    expect(found.map(({ run, dataId }) => [run, dataId.visit])).toEqual([
      ['run/new', 1],
      ['run/old', 2],
    ]);
    await setChain(database.dataSource, 'all', ['run/old', 'run/new']);
    expect((await registry.datasets({ datasetType: 'x', query: { visit: '1' }, collections: ['outer'] }))[0]!.run).toBe(
      'run/old',
    );
    await expect(setChain(database.dataSource, 'all', ['outer'])).rejects.toMatchObject({ code: 'COLLECTION_CYCLE' });
    await makeCollection(database.dataSource, 'best', 'tagged');
    await tagDatasets(database.dataSource, 'best', [newer.id]);
    expect(await registry.datasets({ datasetType: 'x', query: {}, collections: ['best'] })).toEqual([newer]);
    await expect(makeCollection(database.dataSource, 'best', 'chained')).rejects.toMatchObject({
      code: 'COLLECTION_KIND',
    });
    await expect(tagDatasets(database.dataSource, 'nowhere', [])).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' });
    await makeRun(database.dataSource, 'run/new');
  });
});

describe('the dataset store', () => {
  it('puts once, checks what it reads, and sweeps files without a row', async () => {
    const ref = await put('y', { visit: BIG.toString(), detector: 1 }, 'first', 'run/y');
    expect(await put('y', { visit: BIG.toString(), detector: 1 }, 'second', 'run/y')).toEqual(ref);
    expect(new TextDecoder().decode(await store.get(ref))).toBe('"first"');
    const [key] = (await database.dataSource.query('SELECT storage_key FROM dataset WHERE dataset_id = $1', [
      ref.id,
    ])) as { storage_key: string }[];
    await storage.put(key!.storage_key, bytes('damaged'));
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    await storage.put('datasets/run/y/orphan.json', bytes('x'));
    expect(await store.sweepOrphans(3_600_000)).toEqual([]);
    expect(await store.sweepOrphans(0)).toEqual(['datasets/run/y/orphan.json']);
    await store.remove(ref);
    expect(await store.exists(ref)).toBe(false);
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(store.get(datasetRef('run/y', 'y', {}))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a pipeline on the database', () => {
  it('runs, resumes and re-makes what was not kept, bit for bit', async () => {
    const tasks = new TaskRegistry().registerPackage(taskPackage);
    for (const visit of [1, 2, 3])
      for (const detector of [0, 1]) await put('raw', { visit: String(visit), detector }, visit + 0.1, 'raws');
    const provenance = new DatabaseProvenance(database.dataSource);
    const pipeline = parsePipeline(
      'name: p\ntasks: { clean: { config: { scale: 0.3 } }, measure: {}, stack: {} }\npersist: [measured]',
      tasks,
    );
    const graph = await buildGraph(pipeline, { visit: [1, 2, 3] }, registry, { inputCollections: ['raws', 'calib'] });
    const options = { run: 'out', softwareVersion: 'test', store, registry, provenance };
    const report = await executeGraph(graph, options);
    expect(report.counts).toMatchObject({ done: 15, failed: 0 });
    expect(
      (await executeGraph(graph, { ...options, persist: ['measured', 'coadd'], skipExisting: true })).counts,
    ).toMatchObject({ done: 3, skipped: 12 });
    const wanted = datasetRef('out', 'measured', { visit: '3', detector: 1 });
    const before = await store.get(wanted);
    await store.remove(wanted);
    // (3.1 - 1) * 0.3 in double precision
    const value = await regenerate(wanted, { tasks, store, provenance });
    expect(bytes(value)).toEqual(new Uint8Array(before));
    expect(value).toBe((3.1 - 1) * 0.3);
    expect(
      (await provenance.madeFrom(datasetRef('raws', 'raw', { visit: '3', detector: 1 }).id)).map(
        ({ datasetType }) => datasetType,
      ),
    ).toEqual(['clean']);
    expect(await provenance.executionsOf('out')).toHaveLength(18);
  });
});

describe('the migrations', () => {
  it('can be undone', async () => {
    const { Registry1700000000200 } = await import('../../../migrations/0200-registry.js');
    const other = await openTestDatabase({ migrations: [Registry1700000000200] });
    await other.dataSource.undoLastMigration();
    const left = (await other.dataSource.query(
      'SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name <> $2',
      [other.schema, 'schema_migration'],
    )) as unknown[];
    expect(left).toEqual([]);
    await other.close();
  });
});
