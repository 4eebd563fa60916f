import type { GqlModuleOptions } from '@nestjs/graphql';
import { GraphQLDriver } from './graphql-driver.js';

export const graphqlOptions = {
  driver: GraphQLDriver,
  autoSchemaFile: true,
  sortSchema: true,
  path: '/graphql',
} satisfies GqlModuleOptions & { driver: typeof GraphQLDriver };
