import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DocumentNode, getOperationAST, GraphQLError, type GraphQLSchema, validate } from 'graphql';
import { formatError } from './format-error.js';
import { checkOperation, queryLimits } from './query-limits.js';

interface Socket {
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  readonly extra: unknown;
}

/** The bearer of a WebSocket is told once, when it opens: connectionParams.authorization. */
function onConnect({ connectionParams, extra }: Socket): void {
  const authorization = connectionParams?.['authorization'];
  (extra as { caller?: unknown }).caller = {
    headers: { authorization: typeof authorization === 'string' ? authorization : undefined },
  };
}

/** Subscriptions are held to the limits of queries. */
function validateSubscription(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const errors = validate(schema, document);
  const operation = getOperationAST(document);
  if (errors.length > 0 || !operation) return errors;
  try {
    checkOperation(schema, document, operation);
    return [];
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

const subscriptions = {
  'graphql-ws': { path: '/graphql', onConnect, validate: validateSubscription },
} as ApolloDriverConfig['subscriptions'];

/** GraphQL at /graphql: queries over HTTP, subscriptions over graphql-ws. */
export const graphqlOptions: ApolloDriverConfig = {
  driver: ApolloDriver,
  autoSchemaFile: true,
  sortSchema: true,
  introspection: true,
  includeStacktraceInErrorResponses: false,
  formatError,
  plugins: [queryLimits],
  subscriptions,
  context: ({ req, extra }: { req?: unknown; extra?: { caller?: unknown } }) =>
    extra?.caller ? { caller: extra.caller } : { req },
};
