// A worker that claims a job and never ends: to be killed. `node hanging-worker.ts <databaseUrl> <jobId> <leaseMs>`
import { loadConfig } from '#libs/config';
import { createDataSource } from '#libs/database';
import { JobRunner, JobService, jobKind } from '../src/index.js';

const [databaseUrl, id, leaseMs] = process.argv.slice(2);
const dataSource = await createDataSource(
  loadConfig({ DATABASE_URL: databaseUrl!, QUEUE_URL: databaseUrl! }),
).initialize();
const queue = { enqueue: () => Promise.resolve('added' as const) };
const service = new JobService(dataSource, queue, { work: jobKind('maintenance') });
const runner = new JobRunner({
  service,
  client: dataSource,
  queues: { createWorker: () => ({}) as never },
  leaseMs: Number(leaseMs),
});
runner.register('work', async () => {
  process.stdout.write('claimed\n');
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
runner.start(['maintenance']);
await runner.run(id!);
