import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { AccountsModule, OpenIdProvider } from '#libs/accounts';
import { AlertsModule } from '#libs/alerts';
import { CatalogModule } from '#libs/catalog';
import { type AppConfig, ConfigModule } from '#libs/config';
import { DatabaseModule } from '#libs/database';
import { FiltersModule } from '#libs/filters';
import { MetricsRegistry } from '#libs/observability';
import { QueueModule } from '#libs/queue';
import { AuthGuard } from './accounts/auth.guard.js';
import { AccessResolver } from './accounts/access.resolver.js';
import { LoginAttempts } from './accounts/login-attempts.js';
import { IDENTITY_PROVIDER, LoginController } from './accounts/login.controller.js';
import { AlertStream } from './alerts/alert-stream.js';
import { AlertsController } from './alerts/alerts.controller.js';
import { AlertsResolver } from './alerts/alerts.resolver.js';
import { VisibleAlerts } from './alerts/visible-alerts.js';
import { packetStorage } from './alerts/packet-storage.js';
import { CatalogReader } from './catalog/catalog-reader.js';
import { DiaObjectsResolver } from './catalog/dia-objects.resolver.js';
import { DiaSourcesResolver } from './catalog/dia-sources.resolver.js';
import { DatalinkController } from './datalink/datalink.controller.js';
import { EXPOSURE_RELATIONS } from './catalog/exposure-relations.js';
import { SSObjectsResolver, SSSourcesResolver } from './catalog/solar-system.resolver.js';
import {
  DiaForcedSourcesResolver,
  ForcedSourcesResolver,
  ObjectsResolver,
  SourcesResolver,
} from './catalog/static-sky.resolver.js';
import { TABLE_QUERIES } from './catalog/table-queries.js';
import { FiltersResolver } from './filters/filters.resolver.js';
import { FrameIntake } from './frames/frame-intake.js';
import { FramesController } from './frames/frames.controller.js';
import { GraphQLDriver } from './graphql/graphql-driver.js';
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
import { VisitLoader } from './visits/visit-loader.js';
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
  SSObjectsResolver,
  SSSourcesResolver,
  SourcesResolver,
  ObjectsResolver,
  ForcedSourcesResolver,
  DiaForcedSourcesResolver,
  VisitsResolver,
  AccessResolver,
  ...TABLE_QUERIES,
  ...EXPOSURE_RELATIONS,
];
const SERVICES = [
  AlertStream,
  CatalogReader,
  Cutouts,
  Datasets,
  FrameIntake,
  LoginAttempts,
  Notifications,
  ObservedImages,
  OwnJobs,
  VisibleAlerts,
  VisitLoader,
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
        GraphQLModule.forRootAsync({
          driver: GraphQLDriver,
          imports: [AccountsModule],
          useFactory: () => graphqlOptions,
        }),
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
        LoginController,
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
        ...(config.login ? [{ provide: IDENTITY_PROVIDER, useValue: new OpenIdProvider(config.login) }] : []),
        { provide: MetricsRegistry, useFactory: () => new MetricsRegistry() },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
