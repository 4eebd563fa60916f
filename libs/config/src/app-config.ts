/** Where jobs and rows live. `embedded`: both in the npm-only database; `postgres`: both in one PostgreSQL; `full`: PostgreSQL and Redis. */
export type Profile = 'embedded' | 'postgres' | 'full';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** Every setting of every process, parsed once from the environment. Deeply frozen. */
export interface AppConfig {
  readonly profile: Profile;
  /** PostgreSQL 15+ with PostGIS 3.3+, or the embedded database's gateway. */
  readonly databaseUrl: string;
  /** `postgres://` or `redis(s)://`. */
  readonly queueUrl: string;
  /** Connections each process may hold open to the database. */
  readonly databasePool: number;
  /** A statement running longer is cancelled by the server (PostgreSQL only: the embedded database cannot interrupt itself). */
  readonly statementTimeoutMs: number;
  /** Root of the file store; absolute. The embedded database keeps its cluster in `<dataDir>/database`. */
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** How the outside world reaches the API; no trailing slash. */
  readonly publicUrl: string;
  /** Core budget of this host: jobs at once x threads per job never exceed it. */
  readonly cores: number;
  readonly threadsPerJob: number;
  /** Pixel jobs this process runs at once: floor(cores / threadsPerJob). */
  readonly concurrentJobs: number;
  readonly logLevel: LogLevel;
  /** Signs tokens and sessions. Empty only in a loopback installation, where each start makes its own. */
  readonly secret: string;
  /** Origins whose pages may read answers (CORS); `*` is any. None unless given. */
  readonly corsOrigins: readonly string[];
  /** Addresses or networks of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** A login provider (OpenID Connect); without one, people log in with a token. */
  readonly login?: LoginProvider;
}

export interface LoginProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}
