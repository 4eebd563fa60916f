import { type DestinationStream, destination, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';

/** JSON lines on stderr (stdout belongs to the command's result). `child({ visitId })` adds ids to every line. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly level: string;
  /** The process: 'api', 'alert-production', ... */
  readonly component: string;
  /** Default: stderr. */
  readonly stream?: DestinationStream;
}

const SECRETS = [
  'password',
  'secret',
  'token',
  'authorization',
  'cookie',
  'headers.authorization',
  'headers.cookie',
  '*.password',
  '*.secret',
  '*.token',
];

export function createLogger({ level, component, stream }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { component, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }), log: stringifyBigInts },
      redact: { paths: SECRETS, censor: '[hidden]' },
    },
    stream ?? destination({ fd: 2, sync: true }),
  );
}

/** Ids are bigint in code and strings in JSON, which has no 64-bit integers. */
function stringifyBigInts(fields: Record<string, unknown>): Record<string, unknown> {
  if (!Object.values(fields).some((value) => typeof value === 'bigint')) return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'bigint' ? String(value) : value]),
  );
}
