import type { BullRootModuleOptions } from '@nestjs/bullmq';
import {
  type ConnectionOptions,
  createPostgresBackend,
  createRedisBackend,
  DEFAULT_SCHEMA,
  runMigrations,
  setDefaultBackendFactory,
} from 'bullmq';
import pg from 'pg';
import { QueueError } from './queue-error.js';

/** What every BullMQ class needs, resolved from one URL. The only place that knows two backends exist. */
export interface QueueRoot {
  readonly backend: 'postgres' | 'redis';
  readonly connection: ConnectionOptions;
  /** The classes' types name the Redis backend; what they use of it is what every backend has. */
  readonly factory: typeof createRedisBackend;
  /** Key prefix on Redis; on PostgreSQL the namespace is the schema, which is part of the connection. */
  readonly prefix: string | undefined;
}

const NAMESPACE = /^[a-z][a-z0-9_]{0,40}$/;
/** Connections per BullMQ class; each also holds one for LISTEN. */
const POOL = 2;

/**
 * `postgres://` keeps jobs in the database (schema `bullmq`), `redis(s)://` in Redis. `?namespace=name` keeps the queues
 * of several installations (or test suites) apart. The PostgreSQL schema is made by migrateQueues, never by accident.
 */
export function resolveQueueRoot(queueUrl: string): QueueRoot {
  const url = URL.canParse(queueUrl) ? new URL(queueUrl) : undefined;
  const namespace = url?.searchParams.get('namespace') ?? undefined;
  if (namespace !== undefined && !NAMESPACE.test(namespace))
    throw new QueueError('unsupported_url', `not a queue namespace: ${namespace}`, namespace);
  switch (url?.protocol) {
    case 'postgres:':
    case 'postgresql:': {
      // BullMQ sets the search_path through `options`, which a URL's own `options` would replace.
      for (const parameter of ['namespace', 'options']) url.searchParams.delete(parameter);
      const connection = {
        connectionString: url.href,
        max: POOL,
        schema: schemaOf(namespace),
      } as unknown as ConnectionOptions;
      return {
        backend: 'postgres',
        connection,
        factory: createPostgresBackend as unknown as typeof createRedisBackend,
        prefix: undefined,
      };
    }
    case 'redis:':
    case 'rediss:':
      return {
        backend: 'redis',
        connection: {
          host: url.hostname.replace(/^\[|\]$/g, ''),
          port: Number(url.port || 6379),
          username: decodeURIComponent(url.username) || undefined,
          password: decodeURIComponent(url.password) || undefined,
          db: Number(url.pathname.slice(1) || 0),
          ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
          maxRetriesPerRequest: null,
        },
        factory: createRedisBackend,
        prefix: namespace,
      };
    default:
      throw new QueueError(
        'unsupported_url',
        'a queue lives at postgres://, redis:// or rediss://',
        url?.protocol ?? queueUrl,
      );
  }
}

/** For `BullModule.forRoot(queueRoot(url))`. @nestjs/bullmq passes no factory on, so the process-wide default is set too. */
export function queueRoot(queueUrl: string): BullRootModuleOptions {
  const { connection, factory, prefix } = resolveQueueRoot(queueUrl);
  setDefaultBackendFactory(factory);
  return { connection, ...(prefix === undefined ? {} : { prefix }) };
}

/** The deploy step of the queue: creates or upgrades its schema on PostgreSQL; nothing to do on Redis. */
export async function migrateQueues(queueUrl: string): Promise<void> {
  const root = resolveQueueRoot(queueUrl);
  if (root.backend !== 'postgres') return;
  const { connectionString, schema } = root.connection as unknown as { connectionString: string; schema: string };
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await runMigrations(client, schema);
  } finally {
    await client.end();
  }
}

const schemaOf = (namespace: string | undefined): string =>
  namespace === undefined ? DEFAULT_SCHEMA : `${DEFAULT_SCHEMA}_${namespace}`;
