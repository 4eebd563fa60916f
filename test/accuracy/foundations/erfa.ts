// Asking ERFA (python3-erfa) about arrays of seeded random inputs.
import type { Surroundings } from '../surroundings.js';
import type { Measurement, TruthCase } from '../truth-case.js';

/** random inputs of each case */
export const COUNT = 200;

/** Park & Miller's generator: uniform in (0, 1), the same on every run. */
export function generator(seed: number): (low?: number, high?: number) => number {
  let state = seed;
  return (low = 0, high = 1) => low + ((high - low) * (state = (state * 16807) % 2147483647)) / 2147483647;
}

/** dates of the era of UTC, TT as MJD */
export function randomDates(seed: number): number[] {
  const random = generator(seed);
  return Array.from({ length: COUNT }, () => random(41400, 64000));
}

/** Rows of numbers that a Python expression gives for the arrays in `inputs` (names are variables of numpy). */
export async function erfa(
  surroundings: Surroundings,
  expression: string,
  inputs: Readonly<Record<string, readonly number[]>>,
): Promise<number[][]> {
  const script = `
import json, sys, warnings
warnings.simplefilter('ignore')
import erfa
import numpy as np
inputs = {k: np.array(v) for k, v in json.load(sys.stdin).items()}
globals().update(inputs)
J = np.full(len(next(iter(inputs.values()))), 2400000.5)
columns = ${expression}
if not isinstance(columns, (tuple, list)): columns = (columns,)
columns = [np.asarray(c, dtype=float).reshape(len(J), -1) for c in columns]
print(json.dumps(np.concatenate(columns, axis=1).tolist()))`;
  return JSON.parse((await surroundings.python(script, JSON.stringify(inputs))).toString()) as number[][];
}

/** Largest difference over rows and columns; with `turn`, differences of angles. */
export function worst(ours: readonly ArrayLike<number>[], theirs: readonly ArrayLike<number>[], turn?: number): number {
  let largest = 0;
  ours.forEach((row, i) => {
    for (let k = 0; k < row.length; k++) {
      let difference = Math.abs(row[k]! - theirs[i]![k]!);
      if (turn) difference = Math.min(difference, Math.abs(turn - difference));
      largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
    }
  });
  return largest;
}

interface ErfaCase {
  readonly name: string;
  readonly routine: string;
  readonly limit: number;
  readonly unit: string;
  measure(surroundings: Surroundings): Promise<number | Measurement>;
}
export const erfaCase = ({ routine, ...rest }: ErfaCase): TruthCase => ({
  room: 'time',
  truth: `ERFA ${routine}, ${COUNT} random inputs`,
  needs: ['python:erfa'],
  ...rest,
});

/** a case whose only input is a date */
export const ofDate = (
  name: string,
  routine: string,
  expression: string,
  limit: number,
  unit: string,
  ours: (mjd: number) => ArrayLike<number>,
  turn?: number,
): TruthCase =>
  erfaCase({
    name,
    routine,
    limit,
    unit,
    async measure(around) {
      const dates = randomDates(7);
      return worst(dates.map(ours), await erfa(around, expression, { d: dates }), turn);
    },
  });
