// Ten thousand filters of their own thresholds on a visit of ten thousand alerts.

import {
  type BatchColumn,
  columnKey,
  compileFilter,
  type CompiledFilter,
  type FilterBatch,
} from '#libs/filter-language';
import { ALERT_COLUMNS } from '#libs/filters';
import type { BenchCase } from '../bench-case.js';

const ALERTS = 10_000;
const FILTERS = 10_000;
const SAMPLE = 100;

/** mulberry32 */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const numbers = ALERT_COLUMNS.columns
  .filter(({ table, type }) => type === 'number' && table !== 'mpcOrbit')
  .slice(0, 60);

/** Values of many scales, an eighth of them NULL; no two alerts are alike. */
function batchOf(random: () => number): FilterBatch {
  const columns = new Map<string, BatchColumn>();
  for (const [k, column] of numbers.entries())
    columns.set(
      columnKey(column),
      Float64Array.from({ length: ALERTS }, () => (random() < 0.125 ? NaN : (random() - 0.2) * 10 ** (k % 7))),
    );
  columns.set(
    'diaSource.band',
    Array.from({ length: ALERTS }, () => 'ugrizy'[Math.floor(random() * 6)]!),
  );
  columns.set(
    'diaSource.isDipole',
    Uint8Array.from({ length: ALERTS }, () => (random() < 0.1 ? 1 : 0)),
  );
  return { rowCount: ALERTS, columns };
}

/** Four to nine clauses; every threshold is drawn anew; one filter in ten has an OR. */
function filterText(random: () => number): string {
  const clause = (): string => {
    const k = Math.floor(random() * numbers.length);
    const { table, name } = numbers[k]!;
    return `${table}.${name} ${random() < 0.5 ? '>' : '<'} ${((random() * 0.8 - 0.05) * 10 ** (k % 7)).toPrecision(12)}`;
  };
  const clauses = Array.from({ length: 4 + Math.floor(random() * 6) }, clause);
  if (random() < 0.1) clauses[0] = `(${clause()} OR ${clause()})`;
  if (random() < 0.3) clauses.push(`band = '${'ugrizy'[Math.floor(random() * 6)]}'`);
  if (random() < 0.3) clauses.push('NOT isDipole');
  return `SELECT snr WHERE ${clauses.join(' AND ')} ORDER BY snr DESC LIMIT 20 PER VISIT`;
}

/** The same filter with every comparison doubled by OR: no index answers that, every row is asked. */
const rowByRow = (text: string): string =>
  text
    .split(' AND ')
    .map((clause) => (clause.includes(' OR ') ? clause : clause.replace(/([\w.]+ [<>] [-\d.e+]+)/, '($1 OR $1)')))
    .join(' AND ');

export const filters: readonly BenchCase[] = [
  {
    room: 'filters',
    name: `${FILTERS} filters on ${ALERTS} alerts`,
    against: 'the same filters asked row by row (a sample, scaled)',
    goal: { fasterAtLeast: 5 },
    measure: () => {
      const random = generator(1);
      const texts = Array.from({ length: FILTERS }, () => filterText(random));
      const begun = performance.now();
      const compiled = texts.map((text) => compileFilter(text, ALERT_COLUMNS));
      const activation = (performance.now() - begun) / FILTERS;
      const batch = batchOf(random);
      const evaluate = (list: readonly CompiledFilter[]): number =>
        list.reduce((sum, filter) => sum + filter.evaluate(batch).length, 0);
      const started = performance.now();
      const matches = evaluate(compiled);
      const ours = performance.now() - started;
      const plain = texts
        .slice(0, SAMPLE)
        .map(rowByRow)
        .map((text) => compileFilter(text, ALERT_COLUMNS));
      const slow = performance.now();
      const sample = evaluate(plain);
      const theirs = ((performance.now() - slow) * FILTERS) / SAMPLE;
      const same = evaluate(compiled.slice(0, SAMPLE));
      if (sample !== same) throw new Error(`row by row ${sample} matches, by index ${same}`);
      return {
        ours,
        theirs,
        note: `${matches} matches, first batch with its sorting; activation ${activation.toFixed(3)} ms a filter`,
      };
    },
  },
];
