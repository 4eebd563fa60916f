// Runs a target over many damaged inputs in a child process, starts another where one ended, and adds up.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ChildLine } from './child.js';
import type { Outcome } from './fuzz-target.js';

export interface FuzzFinding {
  readonly index: number;
  readonly kind: 'crashed' | 'hung' | 'hoarded';
  readonly message: string;
}

export interface FuzzReport {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  /** good inputs that were damaged */
  seeds: number;
  read: number;
  readonly refused: Record<string, number>;
  readonly findings: FuzzFinding[];
  /** processor time of the slowest input that ended */
  slowestMs: number;
  slowestIndex: number;
  peakBytes: number;
}

export interface FuzzRun {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  /** by the clock: an input that has not ended by then is given up as hung, its process killed */
  readonly deadlineMs: number;
  readonly onProgress?: (done: number) => void;
}

/** More findings than this say nothing new; the run ends. */
const MOST_FINDINGS = 100;

export async function fuzz(run: FuzzRun): Promise<FuzzReport> {
  const { target, seed, from, count } = run;
  const report: FuzzReport = {
    target,
    seed,
    from,
    count,
    seeds: 0,
    read: 0,
    refused: {},
    findings: [],
    slowestMs: 0,
    slowestIndex: from,
    peakBytes: 0,
  };
  let next = from;
  while (next < from + count && report.findings.length < MOST_FINDINGS) next = await runChild(run, next, report);
  return report;
}

/** Inputs from `first` on until the child ends; the index of the next one to try. */
async function runChild(run: FuzzRun, first: number, report: FuzzReport): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      '--no-warnings',
      fileURLToPath(new URL('./child.js', import.meta.url)),
      ...[run.target, run.seed, first, run.from + run.count].map(String),
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], env: { ...process.env, TZ: 'UTC' } },
  );
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? String(code)));
  });
  let current: number | undefined;
  let next = first;
  let late = false;
  const watchdog = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, run.deadlineMs);
  for await (const text of createInterface({ input: child.stdio[3] as Readable })) {
    watchdog.refresh();
    const line = JSON.parse(text) as ChildLine;
    if ('seeds' in line) report.seeds = line.seeds;
    else if ('begin' in line) current = line.begin;
    else {
      count(report, line.end, line.outcome);
      if (line.ms > report.slowestMs) Object.assign(report, { slowestMs: line.ms, slowestIndex: line.end });
      report.peakBytes = Math.max(report.peakBytes, line.peakBytes);
      current = undefined;
      next = line.end + 1;
      run.onProgress?.(next - run.from);
    }
  }
  const status = await ended;
  clearTimeout(watchdog);
  if (current === undefined) {
    if (next === first && !late) throw new Error(`the process for target ${run.target} ended with ${status}: ${said}`);
    if (next === first) throw new Error(`target ${run.target} was not ready within ${run.deadlineMs} ms`);
    return next;
  }
  count(
    report,
    current,
    late
      ? { kind: 'hung', message: `did not end within ${run.deadlineMs} ms` }
      : { kind: 'crashed', message: `the process ended with ${status}: ${said}` },
  );
  return current + 1;
}

function count(report: FuzzReport, index: number, outcome: Outcome): void {
  if (outcome.kind === 'read') report.read++;
  else if (outcome.kind === 'refused') report.refused[outcome.code] = (report.refused[outcome.code] ?? 0) + 1;
  else report.findings.push({ index, kind: outcome.kind, message: outcome.message });
}
