import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface EmbeddedDatabaseOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free port, kept over restarts. */
  readonly port: number;
  readonly idleInTransactionMs: number;
  /** The engine answers nobody while a statement runs; one that runs longer than this is killed with it. 0: never. */
  readonly hangTimeoutMs: number;
  /** Without supervisor: one process, which ends when the engine is lost. */
  readonly unsupervised: boolean;
}

export class UsageError extends Error {
  readonly code = 'usage';
}

export const USAGE = `embedded-db --data-dir <folder> [--host 127.0.0.1] [--port 54329] [--idle-in-transaction-ms 30000] [--hang-timeout-ms 300000] [--unsupervised]`;

const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/;

export function parseOptions(args: readonly string[]): EmbeddedDatabaseOptions {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        'data-dir': { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '54329' },
        'idle-in-transaction-ms': { type: 'string', default: '30000' },
        'hang-timeout-ms': { type: 'string', default: '300000' },
        unsupervised: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
  const integer = (name: string, maximum: number): number => {
    const text = String(values[name]);
    if (!/^\d+$/.test(text) || Number(text) > maximum)
      throw new UsageError(`--${name} ${text}: expected a whole number up to ${maximum}`);
    return Number(text);
  };
  const host = String(values['host']);
  if (!LOOPBACK.test(host))
    throw new UsageError(
      `--host ${host}: the embedded database has no passwords, so it serves this machine only (127.0.0.1, ::1 or localhost)`,
    );
  const dataDir = values['data-dir'];
  if (typeof dataDir !== 'string' || dataDir === '') throw new UsageError(`--data-dir is missing\n${USAGE}`);
  return {
    dataDir: resolve(dataDir),
    host,
    port: integer('port', 65535),
    idleInTransactionMs: integer('idle-in-transaction-ms', 2 ** 31 - 1),
    hangTimeoutMs: integer('hang-timeout-ms', 2 ** 31 - 1),
    unsupervised: values['unsupervised'] === true,
  };
}
