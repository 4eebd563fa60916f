// Master calibrations of an instrument from every calibration frame that was taken in, certified for all times.

import { certify, makeCollection } from '#libs/datastore';
import type { ExecutionReport } from '#libs/pipeline';
import { loadPipeline } from '#libs/productions';
import { collectionsOf } from './collections.js';
import type { ProcessingEnvironment } from './environment.js';
import { runPipeline, throwIfTransient } from './run-pipeline.js';

export interface CalibrationResult {
  readonly run: string;
  readonly certified: number;
  readonly report: ExecutionReport;
}

/** Builds the masters into a run named by `label` and certifies them. Repeating it with the same label adds nothing. */
export async function buildCalibrations(
  environment: ProcessingEnvironment,
  instrument: string,
  label: string,
  signal?: AbortSignal,
): Promise<CalibrationResult> {
  const { raw, calibrations } = collectionsOf(instrument);
  const run = `${calibrations}/${label}`;
  const report = await runPipeline(environment, loadPipeline('calibration'), {
    run,
    inputs: [raw],
    query: { instrument },
    ...(signal && { signal }),
  });
  throwIfTransient(report);
  const { dataSource, registry } = environment;
  await makeCollection(dataSource, calibrations, 'calibration', `master calibrations of ${instrument}`);
  let certified = 0;
  for (const datasetType of ['masterBias', 'masterDark', 'masterFlat'])
    for (const ref of await registry.datasets({ datasetType, query: {}, collections: [run] })) {
      await dataSource.transaction((manager) => certify(manager, calibrations, ref));
      certified++;
    }
  return { run, certified, report };
}
