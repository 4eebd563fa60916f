// Kills processes of a running installation at random moments while a small survey goes through it, and compares what comes out with an
// undisturbed run: nothing acknowledged may be lost, nothing doubled, every visit completes.
//
//   npm run kill-test -- --profile embedded|full [--kills N] [--seed S] [--together] [--keep]
//
// Frames are handed in over HTTP, and what is not acknowledged is handed in again. Visits are given to the installation one after the
// other, so that the catalogs must be equal row by row: which object a detection becomes part of depends on what was there before. With
// --together they are given all at once, and what depends on their order is not compared.
// The full profile needs Debian's postgresql-15-postgis-3 and redis-server (installed, not running) and starts both itself.

import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

if (!existsSync(new URL('../../dist/apps/cli/src/stack.js', import.meta.url))) {
  process.stderr.write('kill-test: build first (npm run build)\n');
  process.exit(2);
}
const { AccountService } = await import('#libs/accounts');
const { FilterService } = await import('#libs/filters');
const { hasEnded, JobService } = await import('#libs/jobs');
const { outageCode } = await import('#libs/pipeline');
const { JOB_KINDS } = await import('#libs/processing');
const { Queues } = await import('#libs/queue');
const { driveSurvey } = await import('../../dist/apps/cli/src/demo/survey-driver.js');
const { simulateSurvey } = await import('../../dist/apps/cli/src/simulate.js');
const { connect, startStack } = await import('../../dist/apps/cli/src/stack.js');
const { checksOf, factsOf } = await import('./checks.mjs');
const { startPostgres, startRedis } = await import('./services.mjs');
const { deal, randomOf, targetsOf } = await import('./targets.mjs');

const USAGE = 'usage: kill-test --profile embedded|full [--kills N] [--seed S] [--size pixels] [--together] [--keep]\n';
const RUN_TIMEOUT_MS = 15 * 60_000;
const RETRY_FOR_MS = 120_000;
const SHORTEST_PAUSE_S = 2;
/** the machine may be faster than it was during the undisturbed run */
const PACE = 0.5;

const { values } = parseArgs({
  options: {
    profile: { type: 'string', default: 'embedded' },
    kills: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    size: { type: 'string', default: '512' },
    together: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [kills, seed, size] = [values.kills, values.seed, values.size].map(Number);
if (values.help || !['embedded', 'full'].includes(values.profile) || ![kills, seed, size].every(Number.isInteger)) {
  process.stderr.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

const started = performance.now();
const say = (text) =>
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
const folder = mkdtempSync(join(tmpdir(), 'almagest-kill-test-'));
const cleanups = [];
let cleaning;
const cleanUp = () => (cleaning ??= clean());
async function clean() {
  for (const end of cleanups.splice(0).reverse())
    await Promise.resolve(end()).catch((error) => say(`while stopping: ${error}`));
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUp().then(() => process.exit(1)));

/** An observatory's client: what failed because something was killed is asked for again. */
async function persistently(work) {
  const until = Date.now() + RETRY_FOR_MS;
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (outageCode(error) === undefined || Date.now() > until) throw error;
      await sleep(300);
    }
}

/** Frames go the way of a telescope: over HTTP, again and again until the API has said that it has them. */
const overHttp = (url, token) => async (bytes) => {
  const until = Date.now() + RETRY_FOR_MS;
  for (;;) {
    const answer = await fetch(`${url}/api/frames`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fits' },
      body: bytes,
    }).then(
      async (response) => ({ status: response.status, body: await response.json() }),
      (error) => ({ status: 503, body: error }),
    );
    if (answer.status === 201) return answer.body;
    if (answer.status < 500 || Date.now() > until)
      throw new Error(`a frame was not taken: ${answer.status} ${JSON.stringify(answer.body)}`);
    await sleep(300);
  }
};

/** Job service whose visits have ended when their submission returns. */
class OneByOne extends JobService {
  async submitFamily(parent, children) {
    const family = await super.submitFamily(parent, children);
    while (!hasEnded((await persistently(() => this.get(parent.id))).phase)) await sleep(250);
    return family;
  }
}

const reporter = { line: say, progress: () => {}, summary: () => {} };
const FILTER = 'SELECT diaSourceId, ra, dec, snr WHERE snr > 5';

/** The survey through an installation of its own; `disturb` is called when the work begins. */
async function run(name, surveyFolder, disturb) {
  const dataDir = join(folder, name);
  const services = {};
  const mine = [];
  let finishing;
  const finish = () => (finishing ??= finishAll());
  const finishAll = async () => {
    for (const end of mine.splice(0).reverse()) await end();
  };
  cleanups.push(finish);
  delete process.env.DATABASE_URL;
  delete process.env.QUEUE_URL;
  if (values.profile === 'full') {
    const place = mkdtempSync(join(tmpdir(), 'almagest-kill-services-'));
    chmodSync(place, 0o711); // the servers run as another user
    mine.push(() => rmSync(place, { recursive: true, force: true }));
    services.postgres = await startPostgres(place);
    mine.push(() => services.postgres.server.stop());
    services.redis = await startRedis(place);
    mine.push(() => services.redis.server.stop());
    Object.assign(process.env, { DATABASE_URL: services.postgres.url, QUEUE_URL: services.redis.url });
  }
  const stack = await startStack({
    dataDir,
    processes: ['api', 'alert-production', 'alert-filters'],
    onStep: (text) => say(`${name}: ${text}`),
  });
  mine.push(() => stack.stop());
  const dataSource = await connect(stack.config);
  mine.push(() => dataSource.destroy());
  const queues = new Queues({ queueUrl: stack.config.queueUrl });
  mine.push(() => queues.close());

  const accounts = new AccountService(dataSource);
  const user = await accounts.createUser('kill-test', 'user');
  const { token } = await accounts.issueToken(user.id, 'frames', ['ingest']);
  await new FilterService(dataSource).register(user.id, 'everything', FILTER, 'every alert');
  const acknowledged = new Map();
  const jobs = new (values.together ? JobService : OneByOne)(dataSource, queues, JOB_KINDS);
  const begun = performance.now();
  const end = new AbortController();
  const disturbance = disturb?.(targetsOf(stack, services), end.signal);
  const timer = new AbortController();
  const driven = await Promise.race([
    driveSurvey({
      folder: surveyFolder,
      dataDir: stack.config.dataDir,
      dataSource,
      jobs,
      reporter,
      deliver: overHttp(stack.url, token),
      onAcknowledged: (file, checksum) => acknowledged.set(file, checksum),
      retry: persistently,
    }),
    sleep(RUN_TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`${name}: the survey is not through after ${RUN_TIMEOUT_MS / 60_000} minutes`);
    }),
  ]).finally(() => timer.abort());
  const seconds = (performance.now() - begun) / 1000;
  end.abort();
  const strikes = (await disturbance) ?? [];
  const facts = await persistently(() => factsOf(dataSource));
  say(`${name}: through in ${seconds.toFixed(1)} s: ${JSON.stringify(facts)}`);
  return { dataDir, dataSource, survey: driven.survey, acknowledged, facts, seconds, strikes, stack, finish };
}

async function untilHealthy(url) {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(300)) {
    const ok = await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return true;
  }
  return false;
}

/** Kills spread at random over the time that an undisturbed run takes. */
const killer = (count, span) => async (targets, signal) => {
  const random = randomOf(seed);
  const strikes = [];
  for (const { name, strike } of deal(targets, count, random)) {
    const pause = Math.max(SHORTEST_PAUSE_S, (PACE * (0.4 + 1.2 * random()) * span) / (count + 1));
    await sleep(pause * 1000, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const at = (performance.now() - started) / 1000;
    const how = await strike().catch((error) => `not struck: ${error.message}`);
    strikes.push({ target: name, at: Number(at.toFixed(1)), how });
    say(`KILLED ${name}: ${how}`);
  }
  return strikes;
};

let summary;
try {
  const surveyFolder = join(folder, 'survey');
  const { frames } = await simulateSurvey(
    { seed, nights: 1, visitsPerNight: 2, templatesPerBand: 2, detectors: 1, detectorSize: size, calibrationFrames: 3 },
    surveyFolder,
    () => {},
  );
  say(`simulated ${frames} frames`);
  const undisturbed = await run('undisturbed', surveyFolder);
  await undisturbed.finish();
  const disturbed = await run('disturbed', surveyFolder, killer(kills, undisturbed.seconds));
  const checks = await checksOf(disturbed.dataSource, {
    ...disturbed,
    reference: undisturbed.facts,
    together: values.together,
  });
  checks.push({ name: 'the API answers in the end', ok: await untilHealthy(disturbed.stack.url), detail: '' });
  const struck = disturbed.strikes.filter(({ how }) => !how.startsWith('not struck'));
  checks.push({
    name: 'processes were killed as often as asked',
    ok: struck.length === kills,
    detail: `${struck.length} of ${kills}`,
  });
  await disturbed.finish();
  for (const { target, at, how } of disturbed.strikes)
    process.stdout.write(`${String(at).padStart(7)} s  ${target.padEnd(20)} ${how}\n`);
  for (const { name, ok, detail } of checks)
    process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(48)} ${detail}\n`);
  summary = {
    command: 'kill-test',
    ok: checks.every(({ ok }) => ok),
    profile: values.profile,
    together: values.together,
    seed,
    kills: struck.length,
    frames,
    visits: disturbed.survey.visits.length,
    ...disturbed.facts,
    seconds: { undisturbed: Math.round(undisturbed.seconds), disturbed: Math.round(disturbed.seconds) },
    strikes: disturbed.strikes,
    failed: checks.filter(({ ok }) => !ok).map(({ name }) => name),
  };
} catch (error) {
  say(error.stack ?? String(error));
  summary = { command: 'kill-test', ok: false, profile: values.profile, seed, error: String(error) };
} finally {
  await cleanUp();
  if (values.keep || !summary?.ok) say(`everything is kept in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${JSON.stringify(summary)}\n`);
process.exit(summary.ok ? 0 : 1);
