import { lockDataDirectory } from './data-directory-lock.js';
import { Gateway } from './gateway.js';
import type { EmbeddedDatabaseOptions } from './options.js';
import { openPglite } from './pglite-backend.js';

/** sysexits.h EX_SOFTWARE: the engine was lost; a new process recovers from the write-ahead log. */
export const EXIT_ENGINE_LOST = 70;
/** sysexits.h EX_CONFIG and EX_TEMPFAIL: starting again at once would not help. */
export const EXIT_USAGE = 78;
export const EXIT_CANNOT_START = 75;

export interface ReadyLine {
  readonly event: 'ready';
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  readonly openMs: number;
}

export interface Service {
  readonly ready: ReadyLine;
  stop(): Promise<void>;
}

/** Opens the folder behind a gateway in this process. `onFatal` must end the process. */
export async function serve(options: EmbeddedDatabaseOptions, onFatal: (cause: string) => void): Promise<Service> {
  const started = performance.now();
  const gateway = new Gateway({ idleInTransactionMs: options.idleInTransactionMs });
  let release = () => {};
  gateway.onFatal = (cause) => {
    release();
    onFatal(cause);
  };
  const open = () => {
    release = lockDataDirectory(options.dataDir);
    return openPglite(options.dataDir);
  };
  let port: number;
  try {
    port = await gateway.listen(open, options.port, options.host);
  } catch (error) {
    release();
    throw error;
  }
  const authority = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    ready: {
      event: 'ready',
      host: options.host,
      port,
      url: `postgres://postgres@${authority}:${port}/postgres`,
      pid: process.pid,
      dataDir: options.dataDir,
      openMs: Math.round(performance.now() - started),
    },
    async stop() {
      await gateway.close();
      release();
    },
  };
}
