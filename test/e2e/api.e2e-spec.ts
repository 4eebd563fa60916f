// The API as its users meet it: real processes on a real database, a night made through the catalog and the alert publisher.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { createClient } from 'graphql-ws';
import type { DataSource } from 'typeorm';
import { WebSocket } from 'ws';
import { AccountService } from '#libs/accounts';
import { decodeAlert } from '#libs/alerts';
import { loadConfig } from '#libs/config';
import { createDataSource } from '#libs/database';
import { DatabaseDatasetStore, FolderStorage } from '#libs/datastore';
import { openFits } from '#libs/fits';
import { VisitFiltering, FilterService } from '#libs/filters';
import { makeExposure } from '#libs/image';
import { JobService } from '#libs/jobs';
import { collectionsOf, JOB_KINDS } from '#libs/processing';
import { ExposureStorage } from '#libs/productions';
import { cdMatrix, makeTanWcs } from '#libs/sky';
import { ASTEROID, FIELD, makeNight, type Night } from '../support/night.js';
import { startStack, type Stack } from '../support/processes.js';

let stack: Stack;
let dataSource: DataSource;
let night: Night;
let token: string;

interface Answer {
  readonly data?: Record<string, any> | null; // oxlint-disable-line typescript/no-explicit-any -- answers are looked into by name
  readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
}

async function ask(query: string, variables: Record<string, unknown> = {}, bearer?: string): Promise<Answer> {
  const response = await fetch(`${stack.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

async function data(query: string, variables: Record<string, unknown> = {}, bearer?: string) {
  const answer = await ask(query, variables, bearer);
  expect(answer.errors).toBeUndefined();
  return answer.data!;
}

beforeAll(async () => {
  stack = await startStack();
  dataSource = await createDataSource(loadConfig({ ...stack.env, ALMAGEST_DATABASE_POOL: '2' })).initialize();
  night = await makeNight(dataSource, stack.dataDir);
  token = await stack.token('ada');
});
afterAll(async () => {
  await dataSource?.destroy();
  await stack?.stop();
});

describe('catalogs over GraphQL', () => {
  it('walks all objects in pages without repeating or missing one', async () => {
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const { diaObjects } = await data(
        'query ($after: String) { diaObjects(first: 5, after: $after) { nodes { diaObjectId } pageInfo { endCursor hasNextPage } } }',
        { after },
      );
      ids.push(...diaObjects.nodes.map((node: { diaObjectId: string }) => node.diaObjectId));
      after = diaObjects.pageInfo.endCursor as string | null;
      expect(diaObjects.pageInfo.hasNextPage).toBe(after !== null);
    } while (after !== null);
    expect(ids).toHaveLength(12);
    expect(new Set(ids).size).toBe(12);
  });

  it('gives the light curves and forced fluxes of a page by time', async () => {
    const { diaObjects } = await data(
      '{ diaObjects(minSources: 2) { nodes { nDiaSources lightCurve { midpointMjdTai psfFlux band } forcedSources { midpointMjdTai } } } }',
    );
    for (const { nDiaSources, lightCurve, forcedSources } of diaObjects.nodes) {
      expect(lightCurve).toHaveLength(nDiaSources);
      const times = lightCurve.map((point: { midpointMjdTai: number }) => point.midpointMjdTai);
      expect(times).toEqual([...times].sort((a: number, b: number) => a - b));
      // forced photometry at every object known before a visit: all visits but the first
      expect(forcedSources).toHaveLength(night.visits.length - 1);
    }
  });

  it('searches a cone over RA 0 and refuses one that makes no sense, naming the value', async () => {
    const cone = 'query ($region: SkyRegion) { diaObjects(region: $region) { nodes { ra } } }';
    const all = await data(cone, { region: { ra: FIELD.raDeg, dec: FIELD.decDeg, radius: 0.4 } });
    const ras: number[] = all.diaObjects.nodes.map((node: { ra: number }) => node.ra);
    expect(ras).toHaveLength(12);
    expect(ras.some((ra) => ra < 1) && ras.some((ra) => ra > 359)).toBe(true);
    const none = await data(cone, { region: { ra: 120, dec: 60, radius: 1 } });
    expect(none.diaObjects.nodes).toEqual([]);
    const { errors } = await ask(cone, { region: { ra: 10, dec: -91, radius: 1 } });
    expect(errors![0]).toMatchObject({
      message: 'dec must be -90 to 90 degrees, not -91',
      extensions: { code: 'BAD_REGION', value: -91 },
    });
    for (const region of [
      { ra: 361, dec: 0, radius: 1 },
      { ra: 0, dec: 0, radius: 0 },
      { ra: 0, dec: 0, radius: 6 },
    ])
      expect((await ask(cone, { region })).errors![0]!.extensions['code']).toBe('BAD_REGION');
  });

  it('follows a detection to its object, its asteroid and the orbit', async () => {
    const { ssObjects } = await data(
      '{ ssObjects { nodes { designation nObs orbit { a e } ssSources { diaSourceId topoRange } } } }',
    );
    expect(ssObjects.nodes).toHaveLength(1);
    const [asteroid] = ssObjects.nodes;
    expect(asteroid).toMatchObject({ designation: ASTEROID, orbit: { a: 2.3, e: 0.1 } });
    expect(asteroid.ssSources).toHaveLength(night.visits.length);
    const { diaSource } = await data(
      'query ($id: ID!) { diaSource(id: $id) { ssSource { designation } diaObject { diaObjectId } } }',
      { id: asteroid.ssSources[0].diaSourceId },
    );
    expect(diaSource).toEqual({ ssSource: { designation: ASTEROID }, diaObject: null });
  });

  it('lists visits newest first with the quality of their detectors', async () => {
    const { visits } = await data(
      '{ visits(first: 4) { nodes { visit band status detectorsDone alerts diaSources detectorSummaries { detector seeing xSize } } pageInfo { endCursor hasNextPage } } }',
    );
    expect(visits.nodes.map((node: { visit: string }) => node.visit)).toEqual(
      [...night.visits].reverse().slice(0, 4).map(String),
    );
    expect(visits.nodes[0]).toMatchObject({
      status: 'complete',
      detectorsDone: 1,
      detectorSummaries: [{ detector: 0, xSize: 1024 }],
    });
    const rest = await data(
      'query ($after: String) { visits(after: $after) { nodes { visit } pageInfo { hasNextPage } } }',
      { after: visits.pageInfo.endCursor },
    );
    expect(rest.visits.nodes).toHaveLength(night.visits.length - 4);
    expect(rest.visits.pageInfo.hasNextPage).toBe(false);
  });

  it('refuses what nests too deep or could be answered with too much', async () => {
    const deep = `{ diaSource(id: 1) { ${'diaObject { lightCurve { '.repeat(5)} diaSourceId ${'} }'.repeat(5)} } }`;
    expect((await ask(deep)).errors![0]!.extensions['code']).toBe('TOO_DEEP');
    const wide =
      '{ diaObjects(first: 1000) { nodes { lightCurve { diaObject { lightCurve { diaSourceId ra dec } } } } } }';
    expect((await ask(wide)).errors![0]!.extensions['code']).toBe('TOO_COSTLY');
  });

  it('answers bad identifiers and cursors with a sentence, not with a stack', async () => {
    for (const query of [
      '{ diaObject(id: "abc") { ra } }',
      '{ diaObjects(after: "!!") { nodes { ra } } }',
      '{ alerts(first: 0) { nodes { visit } } }',
    ]) {
      const { errors } = await ask(query);
      expect(String(errors![0]!.extensions['code'])).toMatch(/^BAD_/);
      expect(JSON.stringify(errors)).not.toContain('node_modules');
    }
    expect((await data('{ diaObject(id: 5) { ra } }')).diaObject).toBeNull();
  });
});

describe('alerts', () => {
  const one = async (): Promise<string> =>
    (await data('{ alerts(first: 1) { nodes { diaSourceId } } }')).alerts.nodes[0].diaSourceId as string;

  it('are searched by visit, object and reliability, oldest or newest first', async () => {
    const { alerts } = await data('{ alerts(first: 1000) { nodes { sequence visit diaObjectId reliability } } }');
    expect(alerts.nodes).toHaveLength(night.alerts);
    const sequences = alerts.nodes.map((node: { sequence: string }) => BigInt(node.sequence));
    expect(sequences.every((value: bigint, i: number) => i === 0 || value > sequences[i - 1])).toBe(true);
    const newest = await data('{ alerts(first: 3, newestFirst: true) { nodes { sequence } pageInfo { endCursor } } }');
    expect(newest.alerts.nodes.map((node: { sequence: string }) => node.sequence)).toEqual(
      alerts.nodes
        .slice(-3)
        .reverse()
        .map((node: { sequence: string }) => node.sequence),
    );
    const next = await data(
      'query ($after: String) { alerts(first: 1, newestFirst: true, after: $after) { nodes { sequence } } }',
      { after: newest.alerts.pageInfo.endCursor },
    );
    expect(next.alerts.nodes[0].sequence).toBe(alerts.nodes.at(-4).sequence);
    const good = await data('{ alerts(first: 1000, minReliability: 0.8) { nodes { reliability } } }');
    expect(good.alerts.nodes).toHaveLength(
      alerts.nodes.filter((node: { reliability: number }) => node.reliability >= 0.8).length,
    );
  });

  it('are the same packet in GraphQL, JSON and Avro', async () => {
    const id = await one();
    const { alert } = await data('query ($id: ID!) { alert(diaSourceId: $id) { packet diaSource { psfFlux } } }', {
      id,
    });
    const json = (await (await fetch(`${stack.url}/api/alerts/${id}`)).json()) as Record<string, unknown>;
    expect(json).toEqual(alert.packet);
    const response = await fetch(`${stack.url}/api/alerts/${id}/packet`);
    expect(response.headers.get('content-type')).toBe('application/avro');
    const packet = decodeAlert(new Uint8Array(await response.arrayBuffer()));
    expect(String(packet['diaSourceId'])).toBe(id);
    // the column is a 32-bit float: the database writes its shortest decimal form, the packet the number itself
    expect((packet['diaSource'] as { psfFlux: number }).psfFlux).toBe(Math.fround(alert.diaSource.psfFlux));
  });

  it('come with stamps as FITS and PNG', async () => {
    const id = await one();
    for (const name of ['science', 'template', 'difference']) {
      const fits = await fetch(`${stack.url}/api/alerts/${id}/stamps/${name}.fits`);
      expect(fits.headers.get('content-type')).toBe('application/fits');
      const file = await openFits(new Uint8Array(await fits.arrayBuffer()));
      expect((await file.hdus[0]!.readImage()).shape).toEqual([31, 31]);
      const png = await fetch(`${stack.url}/api/alerts/${id}/stamps/${name}.png`);
      expect(png.headers.get('content-type')).toBe('image/png');
      expect(
        Buffer.from(await png.arrayBuffer())
          .subarray(0, 8)
          .toString('hex'),
      ).toBe('89504e470d0a1a0a');
    }
  });

  it('that do not exist are 404 problems', async () => {
    for (const path of [
      '/api/alerts/5',
      '/api/alerts/5/packet',
      '/api/alerts/5/stamps/science.png',
      '/api/alerts/x',
      '/api/visits/5/detectors/0/images/calexp',
    ]) {
      const response = await fetch(stack.url + path);
      expect(response.status).toBe(path.endsWith('/x') ? 400 : 404);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
    }
  });
});

describe('streams', () => {
  it('server-sent events resume after Last-Event-ID: each alert once, old and new', async () => {
    const { alerts } = await data('{ alerts(first: 1000) { nodes { sequence } } }');
    const before = alerts.nodes.at(-3).sequence as string;
    const controller = new AbortController();
    const response = await fetch(`${stack.url}/api/alerts/stream`, {
      headers: { 'last-event-id': before },
      signal: controller.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const added = await night.addVisit();
    let text = '';
    const ids = (): string[] => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1]!);
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (ids().length >= 2 + added) break;
    }
    controller.abort();
    const { alerts: now } = await data(
      'query ($after: String) { alerts(first: 1000, after: $after) { nodes { sequence } } }',
      { after: before },
    );
    expect(ids()).toEqual(now.nodes.map((node: { sequence: string }) => node.sequence));
  });

  it('GraphQL subscriptions give alerts and matches of filters as they come', async () => {
    const query = 'SELECT diaSourceId, ra, dec, snr FROM alerts WHERE reliability > 0.9';
    const registered = await ask(
      'mutation ($query: String!) { registerFilter(name: "good", query: $query) { id } }',
      { query },
      token,
    );
    expect(registered.errors).toBeUndefined();
    const filterId = registered.data!.registerFilter.id as string;
    const client = createClient({
      url: `${stack.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    const alerts = client.iterate({
      query: 'subscription { alertPublished(minReliability: 0.9) { sequence reliability } }',
    });
    const matches = client.iterate({
      query: 'subscription ($id: ID!) { filterMatched(filterId: $id) { diaSourceId selected } }',
      variables: { id: filterId },
    });
    const [firstAlert, firstMatch] = [alerts.next(), matches.next()];
    await new Promise((resolve) => setTimeout(resolve, 500));
    await night.addVisit();
    const filtering = new VisitFiltering(dataSource, new FilterService(dataSource));
    for (const visit of await filtering.pendingVisits()) await filtering.filterVisit(visit);
    const alert = await firstAlert;
    expect(
      (alert.value.data as { alertPublished: { reliability: number } }).alertPublished.reliability,
    ).toBeGreaterThanOrEqual(0.9);
    const match = await firstMatch;
    expect(Object.keys((match.value.data as { filterMatched: { selected: object } }).filterMatched.selected)).toEqual(
      expect.arrayContaining(['ra', 'dec', 'snr']),
    );
    await alerts.return!();
    await matches.return!();
    await client.dispose();
  });
});

describe('images', () => {
  it('of a detector and parts of it come as FITS and PNG', async () => {
    const [visit] = night.visits;
    const exposure = makeExposure(64, 48);
    exposure.image.fill(100).fill(900, 64 * 20 + 30, 64 * 20 + 33);
    const wcs = makeTanWcs({
      crpix: { x: 31, y: 20 },
      crvalRaDeg: FIELD.raDeg,
      crvalDecDeg: FIELD.decDeg,
      cd: cdMatrix(0.5),
    });
    const store = new DatabaseDatasetStore(dataSource, new FolderStorage(`${stack.dataDir}/store`));
    const ref = await store.put(
      {
        run: collectionsOf('AlmagestCam').alertProduction,
        datasetType: 'calexp',
        dataId: { visit: visit!.toString(), detector: 0 },
        storageClass: ExposureStorage.name,
        extension: ExposureStorage.extension,
        mediaType: ExposureStorage.mediaType,
      },
      await ExposureStorage.encode({ ...exposure, wcs }),
    );
    const image = `${stack.url}/api/visits/${visit}/detectors/0/images/calexp`;
    const whole = new Uint8Array(await (await fetch(image)).arrayBuffer());
    expect((await (await openFits(whole)).hdu('IMAGE').readImage()).shape).toEqual([64, 48]);
    expect(new Uint8Array(await (await fetch(`${stack.url}/api/datasets/${ref.id}`)).arrayBuffer())).toEqual(whole);
    const cutout = await fetch(`${image}/cutout?ra=${FIELD.raDeg}&dec=${FIELD.decDeg}&size=5`);
    expect(cutout.headers.get('content-disposition')).toContain('cutout.fits');
    const part = await (await openFits(new Uint8Array(await cutout.arrayBuffer()))).hdu('IMAGE').readImage();
    expect(part.shape).toEqual([11, 11]);
    expect(part.data[5 + 11 * 5]).toBe(900);
    for (const query of ['?format=png', `/cutout?ra=${FIELD.raDeg}&dec=${FIELD.decDeg}&size=5&format=png`])
      expect((await fetch(image + query)).headers.get('content-type')).toBe('image/png');
    expect((await fetch(`${image}/cutout?ra=10&dec=95`)).status).toBe(400);
    expect((await fetch(`${image}/cutout?ra=10&dec=10`)).status).toBe(404);
    expect((await fetch(image.replace('calexp', 'differenceExp'))).status).toBe(404);
    expect((await fetch(image.replace('calexp', 'secret'))).status).toBe(404);
  });
});

describe('jobs', () => {
  it('are watched and aborted by their owner, and do not exist for others', async () => {
    const owner = (await new AccountService(dataSource).findUser('ada'))!.id;
    const service = new JobService(dataSource, { enqueue: () => Promise.resolve('added') }, JOB_KINDS);
    const { job } = await service.submit({ kind: 'level3', payload: { pipeline: 'none' }, owner, phase: 'PENDING' });
    const client = createClient({
      url: `${stack.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    const changes = client.iterate<{ jobProgress: { phase: string } }>({
      query: 'subscription ($id: ID!) { jobProgress(id: $id) { phase progress } }',
      variables: { id: job.id },
    });
    const phases: string[] = [(await changes.next()).value.data.jobProgress.phase];
    const stranger = await stack.token('eve');
    expect(
      (await ask('query ($id: ID!) { job(id: $id) { id } }', { id: job.id }, stranger)).errors![0]!.extensions,
    ).toMatchObject({ code: 'NO_SUCH_JOB', status: 404 });
    const abort = `${stack.url}/api/jobs/${job.id}/abort`;
    expect((await fetch(abort, { method: 'POST', headers: { authorization: `Bearer ${stranger}` } })).status).toBe(404);
    const answer = await fetch(abort, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    expect(await answer.json()).toMatchObject({ id: job.id, phase: 'ABORTED' });
    for await (const change of changes) phases.push(change.data!.jobProgress.phase);
    expect(phases).toEqual(['PENDING', 'ABORTED']);
    const { jobs } = await data('{ jobs(phase: "ABORTED") { id kind } }', {}, token);
    expect(jobs).toEqual([{ id: job.id, kind: 'level3' }]);
    await client.dispose();
  });
});

describe('what is one’s own', () => {
  it('is hidden without a token and from others', async () => {
    expect((await ask('{ jobs { id } }')).errors![0]!.extensions['code']).toBe('UNAUTHENTICATED');
    expect((await fetch(`${stack.url}/api/jobs`)).status).toBe(401);
    const mine = await fetch(`${stack.url}/api/jobs?phase=EXECUTING`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await mine.json()).toEqual([]);
    expect(
      (await fetch(`${stack.url}/api/jobs/nothing`, { headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(404);
    expect(
      (
        await fetch(`${stack.url}/api/frames`, {
          method: 'POST',
          headers: { 'content-type': 'application/fits' },
          body: new Uint8Array(10),
        })
      ).status,
    ).toBe(401);
    const scope = await fetch(`${stack.url}/api/frames`, {
      method: 'POST',
      headers: { 'content-type': 'application/fits', authorization: `Bearer ${token}` },
      body: new Uint8Array(10),
    });
    expect(scope.status).toBe(403);
  });

  it('a frame that is no FITS file is refused with a reason', async () => {
    const ingest = await stack.token('telescope', 'ingest');
    const response = await fetch(`${stack.url}/api/frames`, {
      method: 'POST',
      headers: { 'content-type': 'application/fits', authorization: `Bearer ${ingest}` },
      body: new Uint8Array(3000),
    });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toMatch(/FITS|SIMPLE|header/i);
  });

  it('frames are acknowledged once they are stored; the last one of a visit starts its processing', async () => {
    const ingest = await stack.token('telescope', 'ingest');
    const folder = `${stack.dataDir}/simulated`;
    const small = ['--nights', '1', '--visits-per-night', '1', '--detectors', '1', '--size', '256'];
    await stack.cli('simulate', folder, ...small);
    const names = readdirSync(`${folder}/raw`).sort().slice(-2);
    const send = async (name: string): Promise<Record<string, unknown>> => {
      const response = await fetch(`${stack.url}/api/frames`, {
        method: 'POST',
        headers: { 'content-type': 'application/fits', authorization: `Bearer ${ingest}` },
        body: readFileSync(`${folder}/raw/${name}`),
      });
      expect(response.status).toBe(201);
      return (await response.json()) as Record<string, unknown>;
    };
    const first = await send(names[0]!);
    expect(first).toMatchObject({
      snap: 0,
      detector: 0,
      kind: 'science',
      duplicate: false,
      visitComplete: false,
      jobId: null,
    });
    expect(await send(names[0]!)).toEqual({ ...first, duplicate: true });
    const last = await send(names[1]!);
    expect(last).toMatchObject({ snap: 1, visit: first['visit'], visitComplete: true });
    const jobs = await dataSource.query<{ phase: string }[]>('SELECT phase FROM job WHERE job_id = $1', [
      last['jobId'],
    ]);
    expect(jobs).toEqual([{ phase: 'SUSPENDED' }]);
    const { visit } = await data('query ($id: ID!) { visit(id: $id) { status detectors detectorsDone } }', {
      id: first['visit'],
    });
    expect(visit).toEqual({ status: 'processing', detectors: 1, detectorsDone: 0 });
  });

  it('a dry run tells what a filter would have caught, and where a mistake is', async () => {
    const run = await data('query ($query: String!) { filterDryRun(query: $query) { alerts matches sample } }', {
      query: 'SELECT diaSourceId, snr FROM alerts WHERE snr > 50',
    });
    expect(run.filterDryRun.matches).toBeGreaterThan(0);
    expect(run.filterDryRun.matches).toBeLessThan(run.filterDryRun.alerts);
    const { matches, alerts, clauses } = (
      await data(
        'query ($query: String!) { filterDryRun(query: $query) { alerts matches clauses { text passes aloneRejects } } }',
        {
          query: "SELECT snr WHERE snr > 20 AND diaObject.nDiaSources >= 2 AND band IN ('g', 'r')",
        },
      )
    ).filterDryRun;
    expect(clauses.map(({ text }: { text: string }) => text)).toEqual([
      'snr > 20',
      'diaObject.nDiaSources >= 2',
      "band IN ('g', 'r')",
    ]);
    for (const clause of clauses) expect(clause.passes).toBeGreaterThanOrEqual(matches);
    // in the database, with each object as it was known at its alert: the same alerts
    const { filterReplay } = await data(
      'query ($query: String!) { filterReplay(query: $query, visits: 100) { visit alerts matches } }',
      {
        query: "SELECT snr WHERE snr > 20 AND diaObject.nDiaSources >= 2 AND band IN ('g', 'r')",
      },
    );
    const sum = (field: 'alerts' | 'matches') =>
      filterReplay.reduce((total: number, visit: Record<string, number>) => total + visit[field]!, 0);
    expect({ alerts: sum('alerts'), matches: sum('matches') }).toEqual({ alerts, matches });
    expect(filterReplay.length).toBeGreaterThan(1);
    const { errors } = await ask('query ($query: String!) { filterDryRun(query: $query) { matches } }', {
      query: 'SELECT diaSourceId FROM alerts WHERE srn > 50',
    });
    expect(errors![0]!.extensions).toMatchObject({ range: { line: 1 }, suggestion: 'snr' });
  });
});

describe('the house', () => {
  it('describes itself and counts its requests', async () => {
    expect((await fetch(`${stack.url}/api/docs`)).status).toBe(200);
    const openapi = (await (await fetch(`${stack.url}/api/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(openapi.paths)).toContain('/api/alerts/{diaSourceId}/packet');
    expect(await (await fetch(`${stack.url}/metrics`)).text()).toContain('almagest_http_request_seconds_count');
  });

  it('survives kill -9: the same answers after a new start', async () => {
    const query = '{ alerts(first: 5) { nodes { sequence diaSourceId } } }';
    const before = await data(query);
    await stack.restartApi();
    expect(await data(query)).toEqual(before);
  });
});
