// One line of a bench: our time beside another program's, taken in the same run on the same input.
import { runCase, type TruthRow } from '../accuracy/truth-case.js';
import type { Need, Surroundings } from '../accuracy/surroundings.js';

export interface Timing {
  /** milliseconds, the median of interleaved rounds */
  readonly ours: number;
  readonly theirs: number;
  readonly note?: string;
}

export interface BenchCase {
  readonly room: string;
  readonly name: string;
  /** the peer: `astropy`, `cfitsio`, `TypeScript reference` */
  readonly against: string;
  /** the goal for the ratio: `{ slowerAtMost: 1.2 }` is ours <= 1.2 x theirs, `{ fasterAtLeast: 2 }` is theirs >= 2 x ours */
  readonly goal: { readonly slowerAtMost: number } | { readonly fasterAtLeast: number };
  readonly needs?: readonly Need[];
  measure(surroundings: Surroundings): Timing | Promise<Timing>;
}

export interface BenchRow {
  readonly room: string;
  readonly bench: string;
  readonly against: string;
  readonly oursMs: number | null;
  readonly theirsMs: number | null;
  /** as the goal states it: ours / theirs, or theirs / ours */
  readonly ratio: number | null;
  readonly goal: string;
  readonly verdict: TruthRow['verdict'];
  readonly note: string;
}

export async function runBench(bench: BenchCase, surroundings: Surroundings): Promise<BenchRow> {
  const faster = 'fasterAtLeast' in bench.goal;
  let timing: Timing | undefined;
  const row = await runCase(
    {
      ...bench,
      truth: bench.against,
      unit: 'x',
      limit: 'fasterAtLeast' in bench.goal ? bench.goal.fasterAtLeast : bench.goal.slowerAtMost,
      bound: faster ? 'at least' : 'at most',
      measure: async (around) => {
        timing = await bench.measure(around);
        return {
          value: faster ? timing.theirs / timing.ours : timing.ours / timing.theirs,
          ...(timing.note !== undefined && { note: timing.note }),
        };
      },
    },
    surroundings,
  );
  return {
    room: bench.room,
    bench: bench.name,
    against: bench.against,
    oursMs: timing?.ours ?? null,
    theirsMs: timing?.theirs ?? null,
    ratio: row.value,
    goal: faster ? `>= ${row.limit} x faster` : `<= ${row.limit} x its time`,
    verdict: row.verdict,
    note: row.note,
  };
}

/** Medians of `rounds` interleaved runs of each function after one warm-up of each; milliseconds. */
export async function interleave(
  ours: () => unknown,
  theirs: () => unknown,
  rounds = 5,
): Promise<{ ours: number; theirs: number }> {
  await ours();
  await theirs();
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++)
    for (const [which, run] of [ours, theirs].entries()) {
      const started = performance.now();
      await run();
      times[which as 0 | 1].push(performance.now() - started);
    }
  return { ours: median(times[0]), theirs: median(times[1]) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
