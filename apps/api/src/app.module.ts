import type { ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { AccountsModule } from '#libs/accounts';
import { AlertsModule } from '#libs/alerts';
import { CatalogModule } from '#libs/catalog';
import { type AppConfig, ConfigModule } from '#libs/config';
import { DatabaseModule } from '#libs/database';
import { FiltersModule } from '#libs/filters';
import { MetricsRegistry } from '#libs/observability';
import { QueueModule } from '#libs/queue';
import { AuthGuard } from './accounts/auth.guard.js';
import { AlertStream } from './alerts/alert-stream.js';
import { AlertsController } from './alerts/alerts.controller.js';
import { AlertsResolver } from './alerts/alerts.resolver.js';
import { packetStorage } from './alerts/packet-storage.js';
import { CatalogBatches } from './catalog/catalog-batches.js';
import { DiaObjectsResolver } from './catalog/dia-objects.resolver.js';
import { DiaSourcesResolver } from './catalog/dia-sources.resolver.js';
import { SolarSystemResolver } from './catalog/solar-system.resolver.js';
import { SourcesResolver } from './catalog/sources.resolver.js';
import { DatalinkController } from './datalink/datalink.controller.js';
import { FiltersResolver } from './filters/filters.resolver.js';
import { FrameIntake } from './frames/frame-intake.js';
import { FramesController } from './frames/frames.controller.js';
import { graphqlOptions } from './graphql/graphql.options.js';
import { HealthController } from './health/health.controller.js';
import { ProblemFilter } from './http/problem.filter.js';
import { Datasets } from './images/datasets.js';
import { ImagesController } from './images/images.controller.js';
import { jobProviders } from './jobs/jobs.providers.js';
import { JobsController } from './jobs/jobs.controller.js';
import { JobsResolver } from './jobs/jobs.resolver.js';
import { OwnJobs } from './jobs/own-jobs.js';
import { Level3Controller } from './level3/level3.controller.js';
import { level3Providers } from './level3/level3.providers.js';
import { Level3Resolver } from './level3/level3.resolver.js';
import { Notifications } from './live/notifications.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { ScsController } from './scs/scs.controller.js';
import { SiaController } from './sia/sia.controller.js';
import { Cutouts } from './soda/cutouts.js';
import { ObservedImages } from './soda/observed-images.js';
import { SodaAsyncController } from './soda/soda-async.controller.js';
import { SodaController } from './soda/soda.controller.js';
import { TapAsyncController } from './tap/tap-async.controller.js';
import { TapController } from './tap/tap.controller.js';
import { VisitProgressReader } from './visits/visit-progress.js';
import { VisitsResolver } from './visits/visits.resolver.js';
import { VoAvailability } from './vo/availability.js';
import { VoQueries } from './vo/vo-queries.js';
import { voProviders } from './vo/vo.providers.js';

const RESOLVERS = [
  AlertsResolver,
  DiaObjectsResolver,
  DiaSourcesResolver,
  FiltersResolver,
  JobsResolver,
  Level3Resolver,
  SolarSystemResolver,
  SourcesResolver,
  VisitsResolver,
];
const SERVICES = [
  AlertStream,
  CatalogBatches,
  Cutouts,
  Datasets,
  FrameIntake,
  Notifications,
  ObservedImages,
  OwnJobs,
  VisitProgressReader,
  VoAvailability,
  VoQueries,
];

@Module({})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        DatabaseModule.forRoot(config, [], 'almagest-api'),
        QueueModule.forRoot(config),
        GraphQLModule.forRoot<ApolloDriverConfig>(graphqlOptions),
        AccountsModule,
        AlertsModule.forRoot(() => packetStorage(`${config.dataDir}/store`)),
        CatalogModule,
        FiltersModule,
      ],
      controllers: [
        AlertsController,
        DatalinkController,
        FramesController,
        HealthController,
        ImagesController,
        JobsController,
        Level3Controller,
        MetricsController,
        ScsController,
        SiaController,
        SodaAsyncController,
        SodaController,
        TapAsyncController,
        TapController,
      ],
      providers: [
        ...RESOLVERS,
        ...SERVICES,
        ...jobProviders,
        ...level3Providers,
        ...voProviders,
        { provide: MetricsRegistry, useFactory: () => new MetricsRegistry() },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
