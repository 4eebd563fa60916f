import { type DynamicModule, Module } from '@nestjs/common';
import { AlertOutbox, CatalogModule } from '#libs/catalog';
import { AlertArchive } from './alert-archive.js';
import { AlertPublisher } from './alert-publisher.js';
import { ALERT_STORAGE, type AlertStorage } from './alert-storage.js';

@Module({})
export class AlertsModule {
  static forRoot(storage: () => AlertStorage | Promise<AlertStorage>): DynamicModule {
    return {
      module: AlertsModule,
      imports: [CatalogModule],
      providers: [{ provide: ALERT_STORAGE, useFactory: storage }, AlertOutbox, AlertArchive, AlertPublisher],
      exports: [AlertArchive, AlertPublisher],
    };
  }
}
