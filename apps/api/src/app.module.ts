import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { AccountsModule } from '#libs/accounts';
import { type AppConfig, ConfigModule } from '#libs/config';
import { DatabaseModule } from '#libs/database';
import { FiltersModule } from '#libs/filters';
import { AuthGuard } from './accounts/auth.guard.js';
import { FiltersResolver } from './filters/filters.resolver.js';
import { formatError } from './graphql/format-error.js';
import { HealthController } from './health/health.controller.js';
import { ProblemFilter } from './http/problem.filter.js';

@Module({})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        DatabaseModule.forRoot(config, [], 'almagest-api'),
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          autoSchemaFile: true,
          sortSchema: true,
          introspection: true,
          includeStacktraceInErrorResponses: false,
          formatError,
          subscriptions: {
            'graphql-ws': {
              path: '/graphql',
              onConnect: (context: { connectionParams?: Readonly<Record<string, unknown>>; extra: unknown }) => {
                const authorization = context.connectionParams?.['authorization'];
                (context.extra as { caller?: unknown }).caller = {
                  headers: { authorization: typeof authorization === 'string' ? authorization : undefined },
                };
              },
            },
          },
          context: ({ req, extra }: { req?: unknown; extra?: { caller?: unknown } }) =>
            extra?.caller ? { caller: extra.caller } : { req },
        }),
        AccountsModule,
        FiltersModule,
      ],
      controllers: [HealthController],
      providers: [
        FiltersResolver,
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
