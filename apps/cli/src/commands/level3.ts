import { Command } from 'commander';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { CommandError, ExitCode } from '../exit-codes.js';
import { createReporter } from '../reporter.js';

interface Level3JobAnswer {
  readonly job: {
    readonly id: string;
    readonly phase: string;
    readonly progress: number;
    readonly progressMessage: string;
    readonly error: { readonly code: string; readonly message: string } | null;
  };
  readonly run: string;
  readonly report: {
    readonly outcome: string;
    readonly results: number;
    readonly log: readonly string[];
    readonly failures: readonly { readonly label: string; readonly code: string; readonly message: string }[];
  } | null;
}
interface ResultAnswer {
  readonly id: string;
  readonly datasetType: string;
  readonly size: number;
  readonly fileName: string;
  readonly path: string;
}
interface ConnectOptions {
  readonly url: string;
  readonly token?: string;
  readonly json?: boolean;
}

const ENDED = ['COMPLETED', 'ERROR', 'ABORTED', 'ARCHIVED'];
const POLL_MS = 1_000;

/** Talks to a running API; errors are told in its own words. */
class Level3Client {
  constructor(private readonly options: ConnectOptions) {}

  async fetch(path: string, init: { readonly method?: string; readonly body?: unknown } = {}): Promise<Response> {
    const token = this.options.token ?? process.env['ALMAGEST_TOKEN'];
    if (!token)
      throw new CommandError('NO_TOKEN', 'give an access token with --token or in ALMAGEST_TOKEN', ExitCode.usage);
    const { method = 'GET', body } = init;
    let response: Response;
    try {
      response = await fetch(new URL(path, this.options.url), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const { message, cause } = error as Error;
      const why = cause instanceof Error ? cause.message : message;
      throw new CommandError('NO_ANSWER', `${this.options.url} does not answer: ${why}`, ExitCode.unavailable);
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }

  async json<T>(path: string, init?: { readonly method?: string; readonly body?: unknown }): Promise<T> {
    return (await (await this.fetch(path, init)).json()) as T;
  }
}

async function refusal(response: Response): Promise<CommandError> {
  const text = await response.text();
  let problem: { code?: string; detail?: string; value?: unknown } = {};
  try {
    problem = JSON.parse(text) as typeof problem;
  } catch {
    // not from our API
  }
  const lines =
    problem.code === 'INVALID_SUBMISSION' && Array.isArray(problem.value)
      ? (problem.value as { place: string; message: string }[]).map(({ place, message }) => `\n  ${place}: ${message}`)
      : [`: ${problem.detail ?? text.slice(0, 300)}`];
  const subject = lines[0]!.startsWith('\n') ? 'the submission has mistakes:' : `HTTP ${response.status}`;
  const exit =
    response.status === 400 ? ExitCode.badInput : response.status >= 500 ? ExitCode.unavailable : ExitCode.failed;
  return new CommandError(problem.code ?? 'REFUSED', subject + lines.join(''), exit);
}

function readSubmission(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError('NO_FILE', `${file} cannot be read: ${(error as Error).message}`, ExitCode.badInput);
  }
  try {
    return parse(text) as unknown; // JSON is YAML
  } catch (error) {
    throw new CommandError(
      'BAD_FILE',
      `${file} is neither YAML nor JSON: ${(error as Error).message}`,
      ExitCode.badInput,
    );
  }
}

const describeJob = ({ job, run, report }: Level3JobAnswer): string =>
  [
    `${job.id}: ${job.phase} ${(100 * job.progress).toFixed(0)} %${job.progressMessage && `  ${job.progressMessage}`}`,
    ...(job.error ? [`  ${job.error.code}: ${job.error.message}`] : []),
    ...(report
      ? [
          `  ${report.outcome}, ${report.results} results in ${run}`,
          ...report.log.slice(0, 20).map((line) => `  | ${line}`),
          ...report.failures.slice(0, 10).map(({ label, code, message }) => `  ${label}: ${message} [${code}]`),
        ]
      : []),
  ].join('\n');

const pathOf = (id: string): string => `/api/level3/${encodeURIComponent(id)}`;

const withConnection = (command: Command): Command =>
  command
    .option('--url <address>', 'of the API', process.env['ALMAGEST_URL'] ?? 'http://127.0.0.1:3000')
    .option('--token <token>', 'access token with the scopes read and jobs (default: ALMAGEST_TOKEN)')
    .option('--json', 'print one summary object on stdout');

/** `almagest job`: Level 3 pipelines over the API, from any machine that reaches it. */
export function jobCommand(): Command {
  const job = new Command('job').description(
    'submit a Level 3 pipeline to a running Almagest, watch it, fetch its results',
  );

  withConnection(job.command('submit'))
    .description('submit a pipeline of library Tasks and Tasks of your own (YAML or JSON)')
    .argument('<file>', 'the submission')
    .option('--wait', 'until the job has ended')
    .action(async (file: string, options: ConnectOptions & { wait?: boolean }) => {
      const client = new Level3Client(options);
      const reporter = createReporter(options.json ?? false);
      let answer = await client.json<Level3JobAnswer>('/api/level3', { method: 'POST', body: readSubmission(file) });
      const { id } = answer.job;
      while (options.wait && !ENDED.includes(answer.job.phase)) {
        await sleep(POLL_MS);
        answer = await client.json<Level3JobAnswer>(pathOf(id));
        reporter.progress(id, Math.round(100 * answer.job.progress), 100, answer.job.progressMessage);
      }
      const last = answer;
      reporter.summary({ command: 'job submit', ...last }, () => describeJob(last));
      if (options.wait && last.job.phase !== 'COMPLETED') process.exitCode = ExitCode.failed;
    });

  withConnection(job.command('status'))
    .description('where a job stands; without an id, your latest jobs')
    .argument('[id]', 'id of the job')
    .action(async (id: string | undefined, options: ConnectOptions) => {
      const client = new Level3Client(options);
      const reporter = createReporter(options.json ?? false);
      if (id === undefined) {
        const jobs = await client.json<Level3JobAnswer[]>('/api/level3');
        reporter.summary({ command: 'job status', jobs }, () => jobs.map(describeJob).join('\n') || 'no jobs');
        return;
      }
      const answer = await client.json<Level3JobAnswer>(pathOf(id));
      reporter.summary({ command: 'job status', ...answer }, () => describeJob(answer));
    });

  withConnection(job.command('results'))
    .description('list what a job has made, and fetch it into a folder with --out')
    .argument('<id>', 'id of the job')
    .option('--out <folder>', 'where to write the files')
    .action(async (id: string, options: ConnectOptions & { out?: string }) => {
      const client = new Level3Client(options);
      const reporter = createReporter(options.json ?? false);
      const results = await client.json<ResultAnswer[]>(`${pathOf(id)}/results`);
      const folder = options.out === undefined ? undefined : resolve(options.out);
      if (folder !== undefined) mkdirSync(folder, { recursive: true });
      for (const [i, { path, fileName }] of results.entries()) {
        if (folder === undefined) break;
        const bytes = new Uint8Array(await (await client.fetch(path)).arrayBuffer());
        // names come from the server: keep them inside the folder
        writeFileSync(join(folder, fileName.replaceAll(/[^A-Za-z0-9=.+_-]+/g, '_').replace(/^\.+/, '')), bytes);
        reporter.progress('fetching', i + 1, results.length);
      }
      reporter.summary(
        { command: 'job results', id, count: results.length, ...(folder !== undefined && { folder }), results },
        () =>
          [
            ...results.map(({ datasetType, size, fileName }) => `${datasetType}  ${size} bytes  ${fileName}`),
            `${results.length} results${folder === undefined ? '' : ` in ${folder}`}`,
          ].join('\n'),
      );
    });

  withConnection(job.command('abort'))
    .description('stop a job; what it made stays')
    .argument('<id>', 'id of the job')
    .action(async (id: string, options: ConnectOptions) => {
      const answer = await new Level3Client(options).json<Level3JobAnswer>(`${pathOf(id)}/abort`, { method: 'POST' });
      createReporter(options.json ?? false).summary({ command: 'job abort', ...answer }, () => describeJob(answer));
    });
  for (const command of job.commands) command.exitOverride().showHelpAfterError('(add --help for the options)');
  return job;
}
