// A Level 3 user from the command line to his files: real processes, a star field of known truth in the store.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { loadConfig } from '#libs/config';
import { createDataSource } from '#libs/database';
import { DatabaseDatasetStore, FolderStorage, ingestRawFrame } from '#libs/datastore';
import { ExposureStorage, TableStorage } from '#libs/productions';
import { starField } from '../../libs/level3/testing/star-field.js';
import { ROOT, type Stack, startProcess, startStack } from '../support/processes.js';

let stack: Stack;
let worker: Awaited<ReturnType<typeof startProcess>>;
let token: string;
const example = join(ROOT, 'libs/level3/examples/blue-variables.yaml');

interface JobAnswer {
  readonly job: { readonly id: string; readonly phase: string };
  readonly report: { readonly outcome: string; readonly results: number } | null;
}

beforeAll(async () => {
  stack = await startStack();
  const dataSource = await createDataSource(loadConfig({ ...stack.env, ALMAGEST_DATABASE_POOL: '2' })).initialize();
  const storage = new FolderStorage(join(stack.dataDir, 'store'));
  const store = new DatabaseDatasetStore(dataSource, storage);
  for (const { dataId, band, sources } of starField(4)) {
    const visit = BigInt(dataId.visit);
    await ingestRawFrame(dataSource, storage, new TextEncoder().encode(`frame ${visit}`), {
      instrument: 'AlmagestCam',
      visit,
      snap: 0,
      detector: 0,
      stage: 'raw',
      purpose: 'science',
      band,
      physicalFilter: band,
      day: 20261120,
      beginNs: visit,
      endNs: visit + 10n,
      raDeg: 0,
      decDeg: -60,
      expectedSnaps: 1,
      expectedDetectors: [0],
    });
    const file = { storageClass: 'Table', extension: '.fits', mediaType: 'application/fits' };
    await store.put(
      { datasetType: 'source', dataId, run: 'ap/AlmagestCam', ...file },
      await TableStorage.encode(sources),
    );
  }
  // a bright source on a flat sky, with noise that is the same every time
  const size = 64;
  const image = Float32Array.from({ length: size * size }, (_, i) => {
    const [x, y] = [(i % size) - 32, Math.floor(i / size) - 30];
    return 1000 + 20 * Math.sin(12.9898 * i) * Math.cos(78.233 * i) + 20_000 * Math.exp(-(x * x + y * y) / 8);
  });
  await store.put(
    {
      datasetType: 'visitImage',
      dataId: starField(1)[0]!.dataId,
      run: 'ap/AlmagestCam',
      storageClass: 'Exposure',
      extension: '.fits',
      mediaType: 'application/fits',
    },
    await ExposureStorage.encode({
      width: size,
      height: size,
      image,
      mask: new Int32Array(size * size),
      variance: new Float32Array(size * size).fill(200),
    }),
  );
  await dataSource.destroy();
  worker = await startProcess('workers/level3/src/main.js', [], stack.env);
  token = await stack.token('ada');
});
afterAll(async () => {
  await worker?.stop();
  await stack?.stop();
});

const job = (...args: string[]): Promise<Record<string, unknown>> =>
  stack.cli('job', ...args, '--url', stack.url, '--token', token);

describe('a Level 3 user', () => {
  it('submits the worked example, waits, and finds the blue variable star in a file of his own', async () => {
    const done = (await job('submit', example, '--wait')) as unknown as JobAnswer;
    expect(done).toMatchObject({ job: { phase: 'COMPLETED' }, report: { outcome: 'done', results: 3 } });
    const folder = join(stack.dataDir, 'results');
    const { results } = (await job('results', done.job.id, '--out', folder)) as { results: { fileName: string }[] };
    expect(results.map(({ fileName }) => fileName)).toEqual([
      'blueVariable-all.fits',
      'lightCurve-band=g.fits',
      'lightCurve-band=r.fits',
    ]);
    const table = await TableStorage.decode(readFileSync(join(folder, 'blueVariable-all.fits')));
    // truth of the field: two variables, g = 2 r and r = 2 g; -2.5 log10(2) = -0.7526 mag
    expect(table.rowCount).toBe(2);
    expect(table.value('gMinusR', 0)).toBeCloseTo(-0.75257, 4);
    rmSync(folder, { recursive: true });
    // the same over GraphQL
    const answer = await fetch(`${stack.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query:
          'query ($jobId: ID!) { level3Results(jobId: $jobId) { datasetType mediaType path } level3Job(jobId: $jobId) { job { phase } report } }',
        variables: { jobId: done.job.id },
      }),
    });
    const { data } = (await answer.json()) as { data: { level3Results: { path: string }[]; level3Job: JobAnswer } };
    expect(data.level3Job.job.phase).toBe('COMPLETED');
    const { path } = data.level3Results[0]!;
    const bytes = await fetch(stack.url + path, { headers: { authorization: `Bearer ${token}` } });
    expect(bytes.headers.get('content-type')).toBe('application/fits');
    // and nobody else
    const other = await stack.token('bob');
    const refused = await fetch(stack.url + path, { headers: { authorization: `Bearer ${other}` } });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([404, 'NO_SUCH_JOB']);
    expect((await fetch(stack.url + path)).status).toBe(401);
    const reader = await stack.token('eve', 'read');
    const submit = await fetch(`${stack.url}/api/level3`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${reader}` },
      body: '{}',
    });
    expect(submit.status).toBe(403);
  });

  it('is told every mistake with its place, and can stop what runs too long', async () => {
    const file = join(stack.dataDir, 'mine.json');
    const submission = (code: string) => ({
      pipeline: { tasks: { mine: null } },
      data: { instrument: 'AlmagestCam' },
      tasks: [
        {
          name: 'mine',
          code,
          dimensions: ['visit', 'detector'],
          inputs: [{ name: 'sources', datasetType: 'source', storageClass: 'Table' }],
          outputs: [{ name: 'out', datasetType: 'mine', storageClass: 'JSON' }],
        },
      ],
    });
    writeFileSync(file, JSON.stringify(submission('function run() {')));
    const wrong = await promisify(execFile)(
      process.execPath,
      [join(ROOT, 'dist/apps/cli/src/main.js'), 'job', 'submit', file, '--url', stack.url, '--token', token],
      { env: stack.env },
    ).catch((error: unknown) => error as { code: number; stderr: string });
    expect(wrong).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('tasks.0.code:1: Unexpected end of input'),
    });

    writeFileSync(file, JSON.stringify(submission('function run() { for (;;); }')));
    const { id } = ((await job('submit', file)) as unknown as JobAnswer).job;
    let phase = '';
    for (const until = Date.now() + 20_000; phase !== 'EXECUTING' && Date.now() < until; await sleep(100))
      phase = ((await job('status', id)) as unknown as JobAnswer).job.phase;
    await job('abort', id);
    for (const until = Date.now() + 20_000; phase !== 'ABORTED' && Date.now() < until; await sleep(200))
      phase = ((await job('status', id)) as unknown as JobAnswer).job.phase;
    expect(phase).toBe('ABORTED');
  });

  it('mixes library Tasks, which run in threads, with his own on their outputs', async () => {
    const file = join(stack.dataDir, 'mixed.yaml');
    writeFileSync(
      file,
      `pipeline:
  tasks:
    characterize: { config: { detection: { threshold: 8 } } }
    brightest:
tasks:
  - name: brightest
    dimensions: [visit, detector]
    inputs:
      - { name: exposure, datasetType: icExp, storageClass: Exposure }
      - { name: sources, datasetType: icSource, storageClass: Table }
    outputs: [{ name: out, datasetType: brightestPixel, storageClass: JSON }]
    code: |
      function run({ exposure, sources }) {
        let best = 0;
        for (let i = 1; i < exposure.image.length; i++) if (exposure.image[i] > exposure.image[best]) best = i;
        return { out: { x: best % exposure.width, y: Math.floor(best / exposure.width), sources: sources.rowCount } };
      }
data: { instrument: AlmagestCam }
`,
    );
    const done = (await job('submit', file, '--wait')) as unknown as JobAnswer;
    expect(done).toMatchObject({ job: { phase: 'COMPLETED' }, report: { outcome: 'done', counts: { done: 2 } } });
    const folder = join(stack.dataDir, 'mixed');
    await job('results', done.job.id, '--out', folder);
    const name = readdirSync(folder).find((one) => one.startsWith('brightestPixel'))!;
    // where the source was put
    expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toMatchObject({ x: 32, y: 30 });
  });
});
