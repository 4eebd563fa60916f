// Templates: calibrated exposures of chosen visits, warped onto the patches they reach and stacked, once; then reused by every later visit.

import { makeCollection, setChain } from '#libs/datastore';
import { type ExecutionReport, TaskFailure } from '#libs/pipeline';
import { loadPipeline } from '#libs/productions';
import { collectionsOf } from './collections.js';
import type { ProcessingEnvironment } from './environment.js';
import { runPipeline, throwIfTransient } from './run-pipeline.js';
import { skymapOverrides } from './skymap.js';

export interface TemplateResult {
  readonly run: string;
  readonly report: ExecutionReport;
}

/** Stacks the given visits by band into a run named by `label`, and makes that run the first place where templates are looked for. */
export async function buildTemplates(
  environment: ProcessingEnvironment,
  instrument: string,
  visits: readonly string[],
  label: string,
  signal?: AbortSignal,
): Promise<TemplateResult> {
  const { alertProduction, templates } = collectionsOf(instrument);
  const run = `${templates}/${label}`;
  const { dataSource } = environment;
  const report = await runPipeline(
    environment,
    loadPipeline('templates', { overrides: skymapOverrides(['makeWarp']) }),
    {
      run,
      inputs: [alertProduction],
      query: { instrument, visit: visits },
      ...(signal && { signal }),
    },
  );
  throwIfTransient(report);
  if (report.stored.length === 0 && !report.quanta.some(({ status }) => status === 'skipped'))
    throw new TaskFailure(
      'noWork',
      'NO_TEMPLATES',
      `nothing to stack: ${report.pruned[0]?.reason ?? report.quanta[0]?.failure?.message ?? 'no calibrated exposures of these visits'}`,
      { visits },
    );
  await makeCollection(dataSource, templates, 'chained', `templates of ${instrument}`);
  const earlier: { child: string }[] = await dataSource.query(
    'SELECT child FROM collection_child WHERE parent = $1 AND child <> $2 ORDER BY position',
    [templates, run],
  );
  await setChain(dataSource, templates, [run, ...earlier.map(({ child }) => child)]);
  return { run, report };
}
