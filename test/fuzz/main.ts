// `almagest fuzz [targets...]` runs this: a line per target, each finding with what makes its input again, exit 1 when there is one.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutate } from './mutate.js';
import { fuzz, type FuzzFinding, type FuzzReport } from './runner.js';
import { loadTarget, TARGETS } from './targets.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    'deadline-ms': { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const [count, seed, from, deadlineMs] = [values.count, values.seed, values.from, values['deadline-ms']].map(Number);
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const unknown = names.find((name) => !(name in TARGETS) && name !== 'misbehaving');
const wrong = [count, seed, from, deadlineMs].some((value) => !Number.isSafeInteger(value) || value! < 0);
if (unknown !== undefined || wrong) {
  const why = unknown === undefined ? 'count, seed and from are whole numbers' : `there is no fuzz target '${unknown}'`;
  process.stderr.write(`almagest: ${why}; targets are ${Object.keys(TARGETS).join(', ')}\n`);
  process.exit(64);
}

const out = values.json ? process.stderr : process.stdout;
const reports: FuzzReport[] = [];
for (const target of names) {
  const report = await fuzz({ target, seed: seed!, from: from!, count: count!, deadlineMs: deadlineMs!, onProgress });
  reports.push(report);
  out.write(`${lineOf(report)}\n`);
  for (const finding of report.findings) await show(report, finding);
}
const findings = reports.reduce((total, report) => total + report.findings.length, 0);
const facts = { command: 'fuzz', ok: findings === 0, realData: Boolean(process.env['ALMAGEST_TEST_DATA']), reports };
if (values.out) {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'fuzz.json'), `${JSON.stringify(facts, undefined, 1)}\n`);
}
if (values.json) process.stdout.write(`${JSON.stringify(facts)}\n`);
process.exitCode = findings === 0 ? 0 : 1;

function onProgress(done: number): void {
  if (process.stderr.isTTY && done % 500 === 0) process.stderr.write(`\r${done} of ${count}\r`);
}

function lineOf(report: FuzzReport): string {
  const number = (kind: FuzzFinding['kind']): number => report.findings.filter((one) => one.kind === kind).length;
  const codes = Object.entries(report.refused).sort(([, a], [, b]) => b - a);
  const refused = codes.reduce((total, [, times]) => total + times, 0);
  const byCode = codes.length > 0 ? ` (${codes.map(([code, times]) => `${code} ${times}`).join(', ')})` : '';
  return [
    `${report.target}: ${report.count} inputs from ${report.seeds} seeds: read ${report.read}, refused ${refused}${byCode}`,
    `crashed ${number('crashed')}, hung ${number('hung')}, over memory ${number('hoarded')}`,
    `slowest ${Math.round(report.slowestMs)} ms (input ${report.slowestIndex}), peak ${Math.round(report.peakBytes / 2 ** 20)} MiB`,
  ].join('; ');
}

/** The finding, how to make it again, and its input as a file. */
async function show({ target: name, seed: runSeed }: FuzzReport, { index, kind, message }: FuzzFinding): Promise<void> {
  let file = '';
  if (values.out) {
    const target = await loadTarget(name);
    mkdirSync(values.out, { recursive: true });
    file = join(values.out, `${name}-${runSeed}-${index}.bin`);
    writeFileSync(file, mutate(await target.seeds(), target.edits ?? [], runSeed, index));
  }
  out.write(
    `  ${kind}: fuzz ${name} --seed ${runSeed} --from ${index} --count 1${file && ` (${file})`}\n    ${message}\n`,
  );
}
