// One line of an accuracy table: something we compute, held against a truth that is not ours.
import type { Need, Surroundings } from './surroundings.js';

export interface Measurement {
  readonly value: number;
  /** what a reader of the table should know: counts, the worst case, what was left out */
  readonly note?: string;
}

export interface TruthCase {
  /** the library under test, e.g. `fits` */
  readonly room: string;
  /** what is compared, as a short sentence */
  readonly name: string;
  /** where the truth comes from: a program with its version, a publication, an analytic solution */
  readonly truth: string;
  readonly limit: number;
  /** how the value must stand to the limit; a NaN never passes */
  readonly bound?: 'at most' | 'at least';
  /** of value and limit; `` for counts */
  readonly unit: string;
  readonly needs?: readonly Need[];
  measure(surroundings: Surroundings): number | Measurement | Promise<number | Measurement>;
}

export type Verdict = 'pass' | 'FAIL' | 'not run';

export interface TruthRow extends Omit<TruthCase, 'measure' | 'needs' | 'bound'> {
  readonly bound: 'at most' | 'at least';
  readonly value: number | null;
  readonly note: string;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/** Runs one case; whatever it throws is its failure, what the machine lacks is said instead of a value. */
export async function runCase(truthCase: TruthCase, surroundings: Surroundings): Promise<TruthRow> {
  const { room, name, truth, limit, unit, bound = 'at most', needs = [] } = truthCase;
  const row = { room, name, truth, limit, unit, bound };
  const missing = needs.filter((need) => !surroundings.has(need));
  if (missing.length > 0)
    return { ...row, value: null, note: `needs ${missing.join(', ')}`, verdict: 'not run', seconds: 0 };
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  try {
    const result = await truthCase.measure(surroundings);
    const { value, note = '' } = typeof result === 'number' ? { value: result } : result;
    const holds = bound === 'at most' ? value <= limit : value >= limit;
    return { ...row, value, note, verdict: holds ? 'pass' : 'FAIL', seconds: seconds() };
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return { ...row, value: null, note, verdict: 'FAIL', seconds: seconds() };
  }
}
