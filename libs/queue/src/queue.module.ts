import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { AppConfig } from '#libs/config';
import type { EventLoopMonitor, Logger } from '#libs/observability';
import { Queues } from './queues.js';

@Module({})
export class QueueModule implements OnApplicationShutdown {
  constructor(@Inject(Queues) private readonly queues: Queues) {}

  /** `Queues` for injection everywhere; running jobs are given time to end when the application shuts down. */
  static forRoot(
    config: Pick<AppConfig, 'queueUrl' | 'concurrentJobs'>,
    logger?: Logger,
    monitor?: EventLoopMonitor,
  ): DynamicModule {
    const provider = {
      provide: Queues,
      useFactory: () =>
        new Queues({ queueUrl: config.queueUrl, concurrentJobs: config.concurrentJobs, logger, monitor }),
    };
    return { module: QueueModule, global: true, providers: [provider], exports: [Queues] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queues.close();
  }
}
