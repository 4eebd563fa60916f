import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { AppConfig, Profile } from './app-config.js';
import { ConfigError } from './config-error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where `apps/embedded-db` listens unless told otherwise. */
export const EMBEDDED_DATABASE_PORT = 54329;

const SECRET_VARIABLES = new Set(['ALMAGEST_SECRET', 'ALMAGEST_OIDC_CLIENT_SECRET']);
const MINIMUM_SECRET_LENGTH = 32;

const integer = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+$/, 'expected a whole number')
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, `expected a whole number from ${minimum} to ${maximum}`);

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `expected a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );

const list = (fits: (value: string) => boolean) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter((value) => value !== ''))
    .refine(
      (values) => values.every(fits),
      'expected a list separated by commas: origins such as https://example.org, or addresses',
    );

const environmentSchema = z.object({
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  QUEUE_URL: url('postgres:', 'postgresql:', 'redis:', 'rediss:').optional(),
  ALMAGEST_DATABASE_PORT: integer(1, 65535).default(EMBEDDED_DATABASE_PORT),
  ALMAGEST_DATABASE_POOL: integer(2, 200).optional(),
  ALMAGEST_STATEMENT_TIMEOUT_MS: integer(0, 86_400_000).default(60_000),
  ALMAGEST_DATA_DIR: z.string().min(1, 'expected a folder').default('.almagest/data'),
  ALMAGEST_HOST: z.string().min(1, 'expected a host name or address').default('127.0.0.1'),
  ALMAGEST_PORT: integer(0, 65535).default(3000),
  ALMAGEST_PUBLIC_URL: url('http:', 'https:').optional(),
  ALMAGEST_CORES: integer(1, 1024).optional(),
  ALMAGEST_THREADS_PER_JOB: integer(1, 64).default(1),
  ALMAGEST_LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'expected fatal, error, warn, info, debug, trace or silent',
    )
    .default('info'),
  ALMAGEST_SECRET: z.string().default(''),
  ALMAGEST_CORS_ORIGINS: list((value) => value === '*' || (URL.canParse(value) && new URL(value).origin === value)),
  ALMAGEST_TRUSTED_PROXIES: list((value) => /^[\da-fA-F.:]+(\/\d+)?$|^loopback$/.test(value)),
  ALMAGEST_OIDC_ISSUER: url('http:', 'https:').optional(),
  ALMAGEST_OIDC_CLIENT_ID: z.string().optional(),
  ALMAGEST_OIDC_CLIENT_SECRET: z.string().default(''),
});

/** Reads every setting from an environment. Throws ConfigError naming the first variable that cannot be used. */
export function loadConfig(environment: Environment = process.env): AppConfig {
  const given = Object.fromEntries(
    Object.keys(environmentSchema.shape).map((name) => [
      name,
      environment[name] === '' ? undefined : environment[name],
    ]),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const variable = String(issue.path[0]);
    throw new ConfigError('invalid_value', variable, show(variable, given[variable]), issue.message);
  }
  const settings = parsed.data;

  const embeddedUrl = `postgres://postgres@127.0.0.1:${settings.ALMAGEST_DATABASE_PORT}/postgres`;
  const databaseUrl = settings.DATABASE_URL ?? embeddedUrl;
  const queueUrl = settings.QUEUE_URL ?? databaseUrl;
  const cores = settings.ALMAGEST_CORES ?? availableParallelism();
  if (settings.ALMAGEST_THREADS_PER_JOB > cores)
    throw new ConfigError(
      'unsafe_combination',
      'ALMAGEST_THREADS_PER_JOB',
      String(settings.ALMAGEST_THREADS_PER_JOB),
      `a job may not take more threads than the core budget of ${cores}`,
    );
  if (!isLoopback(settings.ALMAGEST_HOST) && settings.ALMAGEST_SECRET.length < MINIMUM_SECRET_LENGTH)
    throw new ConfigError(
      'unsafe_combination',
      'ALMAGEST_SECRET',
      show('ALMAGEST_SECRET', settings.ALMAGEST_SECRET),
      `listening on ${settings.ALMAGEST_HOST} needs a secret of at least ${MINIMUM_SECRET_LENGTH} characters`,
    );

  const { ALMAGEST_OIDC_ISSUER: issuer, ALMAGEST_OIDC_CLIENT_ID: clientId } = settings;
  if ((issuer === undefined) !== (clientId === undefined))
    throw new ConfigError(
      'unsafe_combination',
      issuer === undefined ? 'ALMAGEST_OIDC_ISSUER' : 'ALMAGEST_OIDC_CLIENT_ID',
      '',
      'a login provider needs both ALMAGEST_OIDC_ISSUER and ALMAGEST_OIDC_CLIENT_ID',
    );

  const profile: Profile =
    settings.DATABASE_URL === undefined ? 'embedded' : queueUrl.startsWith('redis') ? 'full' : 'postgres';
  return Object.freeze({
    profile,
    databaseUrl,
    queueUrl,
    databasePool: settings.ALMAGEST_DATABASE_POOL ?? (profile === 'embedded' ? 4 : 10),
    statementTimeoutMs: settings.ALMAGEST_STATEMENT_TIMEOUT_MS,
    dataDir: resolve(settings.ALMAGEST_DATA_DIR),
    host: settings.ALMAGEST_HOST,
    port: settings.ALMAGEST_PORT,
    publicUrl: (
      settings.ALMAGEST_PUBLIC_URL ??
      `http://${settings.ALMAGEST_HOST.includes(':') ? `[${settings.ALMAGEST_HOST}]` : settings.ALMAGEST_HOST}:${settings.ALMAGEST_PORT}`
    ).replace(/\/+$/, ''),
    cores,
    threadsPerJob: settings.ALMAGEST_THREADS_PER_JOB,
    concurrentJobs: Math.floor(cores / settings.ALMAGEST_THREADS_PER_JOB),
    logLevel: settings.ALMAGEST_LOG_LEVEL,
    secret: settings.ALMAGEST_SECRET,
    corsOrigins: settings.ALMAGEST_CORS_ORIGINS,
    trustedProxies: settings.ALMAGEST_TRUSTED_PROXIES,
    ...(issuer !== undefined &&
      clientId !== undefined && { login: { issuer, clientId, clientSecret: settings.ALMAGEST_OIDC_CLIENT_SECRET } }),
  });
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function show(variable: string, value: string | undefined): string {
  if (value === undefined) return '';
  if (SECRET_VARIABLES.has(variable)) return `${value.length} characters`;
  return value.replace(/\/\/([^/@]*):([^/@]*)@/, '//$1:***@');
}
