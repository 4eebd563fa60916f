// Worker of Level 3: users' pipelines. Library Tasks run in threads, users' own Tasks in sandboxed processes, never in this one.

import { setTimeout as sleep } from 'node:timers/promises';
import { level3Handler, Level3Service } from '#libs/level3';
import { processingEnvironment, runWorkerProcess, type WorkerServices } from '#libs/processing';

const START_WAITING_MS = 2_000;

await runWorkerProcess({ name: 'level3', queues: ['level3'], start });

function start({ config, dataSource, jobs, runner, log, taskLog, onClose }: WorkerServices): void {
  const environment = processingEnvironment(dataSource, { dataDir: config.dataDir, cores: config.cores, log: taskLog });
  onClose(() => environment.close());
  const { pool, registry, store, provenance } = environment;
  const service = new Level3Service(dataSource, jobs, store);
  const execute = level3Handler(
    service,
    {
      registry,
      store,
      provenance,
      log: taskLog,
      threads: (onQuantum) => pool.dispatcher({ store, provenance, log: taskLog, onQuantum }),
    },
    taskLog,
  );
  runner.register('level3', execute);

  const stop = new AbortController();
  const letIn = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await service
        .startWaiting()
        .catch((error: unknown) => log.warn({ error: String(error) }, 'waiting jobs were not started'));
      await sleep(START_WAITING_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const done = letIn();
  onClose(async () => {
    stop.abort();
    await done;
  });
}
