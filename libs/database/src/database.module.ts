import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntitySchema } from 'typeorm';
import type { AppConfig } from '#libs/config';
import { createDataSource } from './data-source.js';

@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** One connected DataSource for the process, injected as `DataSource`. */
  static forRoot(config: AppConfig, entities: readonly EntitySchema[], applicationName?: string): DynamicModule {
    const provider = {
      provide: DataSource,
      useFactory: () => createDataSource(config, { entities, applicationName }).initialize(),
    };
    return { module: DatabaseModule, global: true, providers: [provider], exports: [DataSource] };
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
