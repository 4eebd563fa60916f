// Worker behind the outbox: alert packets into the archive, finished visits before the users' filters.

import { setTimeout as sleep } from 'node:timers/promises';
import { AlertPublisher } from '#libs/alerts';
import { AlertOutbox, CatalogRepository } from '#libs/catalog';
import { FilterService, VisitFiltering } from '#libs/filters';
import { fileAlertStorage, runWorkerProcess, type WorkerServices } from '#libs/processing';

const PAUSE_MS = 500;
const PAUSE_AFTER_ERROR_MS = 2_000;

await runWorkerProcess({ name: 'alert-filters', queues: [], start });

function start({ config, dataSource, log, onClose }: WorkerServices): void {
  const publisher = new AlertPublisher(
    dataSource,
    new AlertOutbox(dataSource),
    new CatalogRepository(dataSource),
    fileAlertStorage(dataSource, config.dataDir),
  );
  const filtering = new VisitFiltering(dataSource, new FilterService(dataSource));
  let running = true;
  const round = async (): Promise<boolean> => {
    const published = await publisher.publishPending();
    if (published > 0) log.info({ published }, 'alerts published');
    const visits = await filtering.pendingVisits();
    for (const visit of visits) {
      const { alerts, matches } = await filtering.filterVisit(visit);
      log.info({ visit, alerts, matches }, 'visit filtered');
    }
    return published > 0 || visits.length > 0;
  };
  const loop = async (): Promise<void> => {
    while (running) {
      const worked = await round().catch((error: unknown) => {
        log.warn(
          { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
          'round failed; it will be repeated',
        );
        return undefined;
      });
      if (worked === undefined) await sleep(PAUSE_AFTER_ERROR_MS);
      else if (!worked) await sleep(PAUSE_MS);
    }
  };
  const done = loop();
  onClose(async () => {
    running = false;
    await done;
  });
}
