// `almagest bench <section>` runs this for the sections that compare libraries with other programs. Prints rows as JSON lines on stdout.
import { Surroundings } from '../accuracy/surroundings.js';
import { runBench, type BenchCase } from './bench-case.js';
import { filters } from './filters/index.js';
import { foundations } from './foundations/index.js';

const SECTIONS: Readonly<Record<string, readonly BenchCase[]>> = { foundations, filters };

const [section = '', only = ''] = process.argv.slice(2);
const surroundings = new Surroundings();
try {
  for (const bench of SECTIONS[section] ?? [])
    if (`${bench.room}: ${bench.name}`.includes(only))
      process.stdout.write(`${JSON.stringify(await runBench(bench, surroundings))}\n`);
} finally {
  surroundings.dispose();
}
