// `node many-jobs.js <jobs>`: that many clusters in one pool of two threads, each filling four planes of a megapixel and collecting a result.
// Prints {jobs, seconds, rssMbAt: [after a fifth, ..., at the end], arenaMb, threads} as JSON.
import { existsSync } from 'node:fs';
import { buildGraph, executeGraph, MemoryRegistry, parsePipeline, TaskRegistry, ThreadPool } from '#libs/pipeline';
import { taskPackage } from './toy-tasks.js';

const jobs = Number(process.argv[2] ?? 500);
const built = new URL('./toy-tasks.js', import.meta.url);
const pool = new ThreadPool({
  cores: 2,
  modules: [existsSync(built) ? built.href : new URL('./toy-tasks.ts', import.meta.url).href],
  arenaBytes: 64 * 1024 ** 2,
});
const tasks = new TaskRegistry().registerPackage(taskPackage);
const pipeline = parsePipeline('name: many\ntasks: { planes: {} }', tasks);
const registry = new MemoryRegistry();
const batch = 10;
const rssMbAt: number[] = [];
const started = performance.now();
for (let first = 0; first < jobs; first += batch) {
  const visit = Array.from({ length: batch }, (_, i) => first + i);
  const graph = await buildGraph(pipeline, { visit, detector: 0 }, registry);
  const report = await executeGraph(graph, {
    run: 'many',
    softwareVersion: 'test',
    collect: ['planeSum'],
    dispatcher: pool.dispatcher(),
  });
  if (report.outcome !== 'done' || report.collected.length !== batch)
    throw new Error(`jobs from ${first} ended as ${report.outcome}`);
  if ((first + batch) % Math.max(batch, jobs / 5) === 0) rssMbAt.push(Math.round(process.memoryUsage().rss / 1e6));
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  `${JSON.stringify({ jobs, seconds, rssMbAt, arenaMb: pool.peakBytes / 1024 ** 2, threads: pool.size })}\n`,
);
await pool.close();
