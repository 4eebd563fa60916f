import type { Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { DatabaseDatasetStore, FolderStorage } from '#libs/datastore';
import { JobService } from '#libs/jobs';
import { Level3Service } from '#libs/level3';

export const level3Providers: Provider[] = [
  {
    provide: Level3Service,
    useFactory: (dataSource: DataSource, jobs: JobService, config: AppConfig) =>
      new Level3Service(
        dataSource,
        jobs,
        new DatabaseDatasetStore(dataSource, new FolderStorage(`${config.dataDir}/store`)),
      ),
    inject: [DataSource, JobService, APP_CONFIG],
  },
];
