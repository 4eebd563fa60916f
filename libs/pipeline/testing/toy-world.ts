import { type DataId } from '../src/dimensions.js';
import { MemoryDatasetStore, MemoryProvenance, MemoryRegistry } from '../src/memory-registry.js';
import { datasetRef } from '../src/ports.js';
import { TaskRegistry } from '../src/task-registry.js';
import { taskPackage } from './toy-tasks.js';

/** 3 visits x 2 detectors; visits 1 and 2 overlap patch 1, visits 2 and 3 patch 2. raw = 10 visit + detector; bias = detector. */
export async function toyWorld() {
  const visits = [1, 2, 3];
  const detectors = [0, 1];
  const rows: DataId[] = visits.flatMap((visit) =>
    detectors.map((detector) => ({ visit, detector, band: visit === 3 ? 'g' : 'r' })),
  );
  const overlaps: DataId[] = visits.flatMap((visit) =>
    detectors.flatMap((detector) =>
      [1, 2].flatMap((patch) =>
        visit === 2 || patch === (visit === 1 ? 1 : 2) ? [{ visit, detector, tract: 0, patch }] : [],
      ),
    ),
  );
  const provenance = new MemoryProvenance();
  const registry = new MemoryRegistry({
    rows: [rows, overlaps],
    calibrations: detectors.map((detector) => ({
      ref: datasetRef('calib', 'bias', { detector }),
      validFromNs: 0n,
      validUntilNs: 1000n,
    })),
    visitTimeNs: () => 500n,
  });
  const store = new MemoryDatasetStore(registry);
  const put = (datasetType: string, dataId: DataId, value: unknown, run: string) =>
    store.put(
      { datasetType, dataId, run, storageClass: 'NumberJson', extension: '.json', mediaType: 'application/json' },
      new TextEncoder().encode(JSON.stringify(value)),
    );
  for (const { visit, detector } of rows)
    await put('raw', { visit: visit!, detector: detector! }, 10 * Number(visit) + Number(detector), 'raw');
  for (const detector of detectors) await put('bias', { detector }, detector, 'calib');
  return { registry, store, provenance, tasks: new TaskRegistry().registerPackage(taskPackage) };
}
