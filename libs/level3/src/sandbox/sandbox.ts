// User code in a process of its own: empty environment, no files, no network, bounded time, memory and output.

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { dehydrate, packFrame, rehydrate, unpackFrame } from './frames.js';

export interface SandboxLimits {
  /** wall-clock time [ms] */
  readonly timeMs: number;
  /** resident memory of the process [MiB] */
  readonly memoryMiB: number;
  /** bytes of output */
  readonly outputBytes: number;
}
export const DEFAULT_SANDBOX_LIMITS: SandboxLimits = {
  timeMs: 60_000,
  memoryMiB: 1024,
  outputBytes: 256 * 1024 * 1024,
};

export type SandboxErrorCode =
  | 'USER_CODE_FAILED'
  | 'TIME_LIMIT'
  | 'MEMORY_LIMIT'
  | 'OUTPUT_LIMIT'
  | 'SANDBOX_DIED'
  | 'SANDBOX_UNAVAILABLE'
  | 'CANCELLED';

export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  constructor(
    readonly code: SandboxErrorCode,
    message: string,
    /** line and column in the user's text */
    readonly place?: string,
  ) {
    super(message);
  }
}

export interface SandboxCall {
  /** text of the Task: defines `function run(inputs, context)` */
  readonly code: string;
  /** plain data and typed arrays */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly dataId?: Readonly<Record<string, unknown>>;
}
export interface SandboxResult {
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly log: readonly string[];
  readonly metrics: readonly { readonly name: string; readonly value: number; readonly unit?: string }[];
}

const RUNNER = new URL('./sandbox-runner.mjs', import.meta.url);
const MEMORY_POLL_MS = 50;
const START_ALLOWANCE_MS = 5_000;
let namespaceWrapper: readonly string[] | undefined;

/** The command that takes the network away; an installation without it cannot run user code. */
function withoutNetwork(): readonly string[] {
  if (namespaceWrapper) return namespaceWrapper;
  const candidates = [
    ['unshare', '--net', '--ipc', '--map-root-user'],
    ['unshare', '--net', '--ipc'],
  ];
  const found = candidates.find(
    ([command, ...args]) => spawnSync(command!, [...args, 'true'], { stdio: 'ignore' }).status === 0,
  );
  if (!found)
    throw new SandboxError(
      'SANDBOX_UNAVAILABLE',
      'this host cannot take the network away from a process (unshare --net failed), so it runs no user code',
    );
  namespaceWrapper = found;
  return found;
}

const permissionFlag = (): string =>
  Number(process.versions.node.split('.')[0]) >= 24 ? '--permission' : '--experimental-permission';

/** Runs one user Task. Throws SandboxError; whatever happens inside, nothing outside changes. */
export async function runInSandbox(
  call: SandboxCall,
  limits: SandboxLimits = DEFAULT_SANDBOX_LIMITS,
  signal?: AbortSignal,
): Promise<SandboxResult> {
  const { values, blob } = dehydrate(call.inputs);
  const request = packFrame({
    header: {
      code: call.code,
      values,
      parameters: dehydrate(call.parameters ?? {}).values,
      dataId: call.dataId ?? {},
      timeoutMs: limits.timeMs,
    },
    blob,
  });
  const [command, ...wrapper] = withoutNetwork();
  const cpuSeconds = Math.ceil((limits.timeMs + START_ALLOWANCE_MS) / 1000) * 2;
  const child = spawn(
    command!,
    [
      ...wrapper,
      'prlimit',
      `--cpu=${cpuSeconds}`,
      '--core=0',
      '--nofile=64',
      '--fsize=0',
      '--',
      process.execPath,
      permissionFlag(),
      '--no-warnings',
      `--max-old-space-size=${Math.ceil(limits.memoryMiB / 2)}`,
      '--disable-wasm-trap-handler',
      '--input-type=module',
      '--eval',
      readFileSync(RUNNER, 'utf8'),
    ],
    { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  );
  let verdict: SandboxError | undefined;
  const kill = (error: SandboxError): void => {
    verdict ??= error;
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  };
  const abort = (): void => kill(new SandboxError('CANCELLED', 'the job was cancelled'));
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  const timer = setTimeout(
    () => kill(new SandboxError('TIME_LIMIT', `the Task ran longer than ${limits.timeMs} ms`)),
    limits.timeMs + START_ALLOWANCE_MS,
  );
  const watch = setInterval(() => {
    const resident = residentMiB(child.pid!);
    if (resident > limits.memoryMiB)
      kill(
        new SandboxError(
          'MEMORY_LIMIT',
          `the Task used ${resident.toFixed(0)} MiB of memory; ${limits.memoryMiB} are allowed`,
        ),
      );
  }, MEMORY_POLL_MS);

  const chunks: Buffer[] = [];
  let size = 0;
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limits.outputBytes)
      kill(new SandboxError('OUTPUT_LIMIT', `the Task returned more than ${limits.outputBytes} bytes`));
    else chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (complaints.length < 10_000) complaints += chunk.toString();
  });
  child.stdin.on('error', () => undefined); // a child that died early is judged by its end
  child.stdin.end(request);
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new SandboxError('SANDBOX_UNAVAILABLE', `the sandbox did not start: ${error.message}`)),
      );
      child.once('close', () => resolve());
    });
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    signal?.removeEventListener('abort', abort);
  }
  if (verdict) throw verdict;
  const frame = unpackFrame(Buffer.concat(chunks));
  if (!frame) {
    if (/heap out of memory|Array buffer allocation failed/i.test(complaints))
      throw new SandboxError('MEMORY_LIMIT', `the Task ran out of its ${limits.memoryMiB} MiB of memory`);
    throw new SandboxError('SANDBOX_DIED', 'the sandbox ended without an answer');
  }
  return interpret(frame.header, frame.blob);
}

function interpret(header: unknown, blob: Uint8Array): SandboxResult {
  const answer = header as {
    error?: { code: SandboxErrorCode; message: string; place?: string };
    values?: unknown;
    lines?: string[];
    metrics?: SandboxResult['metrics'];
  };
  if (answer.error) throw new SandboxError(answer.error.code, answer.error.message, answer.error.place);
  try {
    return {
      outputs: rehydrate(answer.values, blob) as Record<string, unknown>,
      log: answer.lines ?? [],
      metrics: answer.metrics ?? [],
    };
  } catch (error) {
    throw new SandboxError('USER_CODE_FAILED', `the outputs cannot be read: ${(error as Error).message}`);
  }
}

/** Resident set of a process and, for the short time before exec, of its wrapper [MiB]; 0 where /proc is absent. */
function residentMiB(pid: number): number {
  const file = `/proc/${pid}/statm`;
  if (!existsSync(file)) return 0;
  try {
    return (Number(readFileSync(file, 'utf8').split(' ')[1]) * 4096) / 1048576;
  } catch {
    return 0;
  }
}
