// A short run over every target in this process. The long one, with its watchdog and its ceiling of memory, is `almagest fuzz`.
import { describe, expect, it } from '@jest/globals';
import { attemptInput } from './fuzz-target.js';
import { mutate } from './mutate.js';
import { loadTarget, TARGETS } from './targets.js';

const INPUTS = 1500;
/** Code of a spec runs in a context of its own, beside another spec: tens of times slower than where `almagest fuzz` allows a second. */
const HANG_HERE_MS = 10_000;

describe.each(Object.keys(TARGETS))('%s', (name) => {
  it('reads every good input', async () => {
    const target = await loadTarget(name);
    for (const [index, input] of (await target.seeds()).entries()) {
      const { outcome } = await attemptInput(target, Uint8Array.from(input));
      if (outcome.kind !== 'refused') expect({ index, ...outcome }).toEqual({ index, kind: 'read' });
    }
  });

  it(`reads or refuses ${INPUTS} damaged inputs without a hang`, async () => {
    const target = await loadTarget(name);
    const seeds = await target.seeds();
    const counts = { read: 0, refused: 0 };
    for (let index = 0; index < INPUTS; index++) {
      const damaged = mutate(seeds, target.edits ?? [], 20261121, index);
      const { outcome } = await attemptInput(target, damaged, HANG_HERE_MS);
      if (outcome.kind === 'read' || outcome.kind === 'refused') counts[outcome.kind]++;
      else expect({ index, ...outcome }).toEqual({ index, kind: 'read or refused' });
    }
    expect(counts.refused).toBeGreaterThan(INPUTS / 20); // the damage does hit
    expect(counts.read).toBeGreaterThan(INPUTS / 100);
  }, 120_000);
});

it('the same seed and index give the same input, others another', () => {
  const seeds = [new Uint8Array(1000).fill(0x31), new Uint8Array(500).fill(0x20)];
  const input = (seed: number, index: number): string => Buffer.from(mutate(seeds, [], seed, index)).toString('hex');
  expect(input(5, 17)).toBe(input(5, 17));
  expect(new Set([0, 1, 2, 3].flatMap((seed) => [0, 1, 2, 3].map((index) => input(seed, index)))).size).toBe(16);
});
