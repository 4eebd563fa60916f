// A process of its own for one target: `child.js <target> <seed> <from> <to>`. Says on descriptor 3 what becomes of each input, one line of
// JSON each, before it begins and after it ended, so that whoever reads knows the culprit when the lines stop.
import { writeSync } from 'node:fs';
import { attemptInput, MEMORY_CEILING, type Outcome } from './fuzz-target.js';
import { mutate } from './mutate.js';
import { loadTarget } from './targets.js';

export type ChildLine =
  | { readonly seeds: number }
  | { readonly begin: number }
  | { readonly end: number; readonly outcome: Outcome; readonly ms: number; readonly peakBytes: number };

const say = (line: ChildLine): void => void writeSync(3, `${JSON.stringify(line)}\n`);

const [name = '', seed = '', from = '', to = ''] = process.argv.slice(2);
const target = await loadTarget(name);
const seeds = await target.seeds();
say({ seeds: seeds.length });
for (let index = Number(from); index < Number(to); index++) {
  say({ begin: index });
  const input = mutate(seeds, target.edits ?? [], Number(seed), index);
  let { outcome, ms } = await attemptInput(target, input);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const hoarded = peakBytes > MEMORY_CEILING && outcome.kind !== 'crashed';
  if (hoarded)
    outcome = {
      kind: 'hoarded',
      message: `${outcome.kind}; the process grew to ${Math.round(peakBytes / 2 ** 20)} MiB`,
    };
  say({ end: index, outcome, ms, peakBytes });
  // a peak never goes down again: the next input gets a fresh process
  if (hoarded) break;
}
