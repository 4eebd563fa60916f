import { Logger, type Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { JobEvents, JobService, type WorkQueue } from '#libs/jobs';
import { JOB_KINDS } from '#libs/processing';
import { Queues } from '#libs/queue';

/** The queue may be down: the row is what counts, and the workers' sweeper tells the queue later. */
function patient(queues: Queues): WorkQueue {
  const log = new Logger('queue');
  return {
    enqueue: (queue, request) =>
      queues.enqueue(queue, request).catch((error: unknown) => {
        log.warn(`${request.jobId} is left to the sweeper: ${error instanceof Error ? error.message : String(error)}`);
        return 'added' as const;
      }),
  };
}

/** Listens until the end. */
export class ListeningJobEvents extends JobEvents {
  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}

export const jobProviders: Provider[] = [
  {
    provide: JobEvents,
    useFactory: (config: AppConfig) => new ListeningJobEvents(config.databaseUrl),
    inject: [APP_CONFIG],
  },
  {
    provide: JobService,
    useFactory: (dataSource: DataSource, queues: Queues, events: JobEvents) =>
      new JobService(dataSource, patient(queues), JOB_KINDS, events),
    inject: [DataSource, Queues, JobEvents],
  },
];
