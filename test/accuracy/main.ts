// `almagest accuracy <suite>` runs this: a table of truth cases, JSON beside it, exit 1 when a case fails.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { foundations } from './foundations/index.js';
import { Surroundings } from './surroundings.js';
import { runCase, type TruthCase, type TruthRow } from './truth-case.js';

const SUITES: Readonly<Record<string, readonly TruthCase[]>> = { foundations };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' }, out: { type: 'string' } },
});
const unknown = positionals.find((name) => !(name in SUITES));
if (unknown !== undefined || positionals.length === 0) {
  process.stderr.write(
    `almagest: ${unknown === undefined ? 'which suite?' : `there is no accuracy suite '${unknown}';`} there are ${Object.keys(SUITES).join(', ')}\n`,
  );
  process.exit(64);
}

const out = values.json ? process.stderr : process.stdout;
const surroundings = new Surroundings();
const rows: TruthRow[] = [];
try {
  for (const suite of positionals)
    for (const truthCase of SUITES[suite]!) {
      if (values.only && !`${truthCase.room}: ${truthCase.name}`.includes(values.only)) continue;
      const row = await runCase(truthCase, surroundings);
      rows.push(row);
      out.write(`${lineOf(row)}\n`);
    }
} finally {
  surroundings.dispose();
}

const count = (verdict: TruthRow['verdict']): number => rows.filter((row) => row.verdict === verdict).length;
const facts = {
  command: 'accuracy',
  suites: positionals,
  ok: count('FAIL') === 0 && count('pass') > 0,
  passed: count('pass'),
  failed: count('FAIL'),
  notRun: count('not run'),
  rows,
};
if (values.out) {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, `accuracy-${positionals.join('-')}.json`), `${JSON.stringify(facts, undefined, 1)}\n`);
}
out.write(`${facts.passed} passed, ${facts.failed} failed, ${facts.notRun} not run\n`);
if (values.json) process.stdout.write(`${JSON.stringify(facts)}\n`);
process.exitCode = facts.ok ? 0 : 1;

function lineOf(row: TruthRow): string {
  const value = row.value === null ? '-' : figure(row.value);
  const limit = `${row.bound === 'at most' ? '<=' : '>='} ${figure(row.limit)}`;
  const detail = row.note ? `  (${row.note})` : '';
  return `${row.verdict.padEnd(8)}${row.room.padEnd(9)}${row.name.padEnd(62)} ${value.padStart(10)} ${limit.padEnd(13)} ${row.unit.padEnd(8)} ${row.truth}${detail}`;
}

function figure(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e9 ? String(value) : value.toPrecision(3);
}
