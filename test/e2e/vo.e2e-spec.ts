// The Virtual Observatory as its clients and validators meet it: real processes, a small night, pyvo, astroquery, STILTS.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { loadConfig } from '#libs/config';
import { createDataSource } from '#libs/database';
import { openFits } from '#libs/fits';
import { type Need, Surroundings } from '../accuracy/surroundings.js';
import { FIELD } from '../support/night.js';
import { ROOT, startStack, type Stack } from '../support/processes.js';
import { makeVoNight, type VoNight } from '../support/vo-night.js';

let stack: Stack;
let dataSource: DataSource;
let night: VoNight;
let token: string;
const surroundings = new Surroundings();

beforeAll(async () => {
  stack = await startStack();
  dataSource = await createDataSource(loadConfig({ ...stack.env, ALMAGEST_DATABASE_POOL: '2' })).initialize();
  night = await makeVoNight(dataSource, stack.dataDir);
  token = await stack.token('ada');
});
afterAll(async () => {
  await dataSource?.destroy();
  await stack?.stop();
  surroundings.dispose();
});

/** Whether all of these are installed; a line says when they are not. */
function have(what: string, ...needs: Need[]): boolean {
  const missing = needs.filter((need) => !surroundings.has(need));
  if (missing.length > 0) process.stdout.write(`not run: ${what} (1 test), for want of ${missing.join(', ')}\n`);
  return missing.length === 0;
}

const stilts = async (...args: string[]): Promise<string> => (await surroundings.run('stilts', args)).toString();

const tap = (path: string, parameters?: Record<string, string>, init: RequestInit = {}): Promise<Response> => {
  const body = parameters && new URLSearchParams(parameters);
  return fetch(`${stack.url}/tap${path}`, { redirect: 'manual', ...(body && { method: 'POST', body }), ...init });
};
const query = (adql: string, more: Record<string, string> = {}): Promise<Response> =>
  tap('/sync', { LANG: 'ADQL', QUERY: adql, ...more });
const OBJECTS = 'SELECT diaObjectId, ra, dec FROM almagest.DiaObjectLast ORDER BY diaObjectId';

describe('TAP, synchronous', () => {
  it('answers a cone over RA 0 in every format', async () => {
    const cone = `SELECT diaObjectId, ra FROM almagest.DiaObjectLast WHERE DISTANCE(ra, dec, ${FIELD.raDeg}, ${FIELD.decDeg}) < 0.4`;
    const json = (await (await query(cone, { RESPONSEFORMAT: 'json' })).json()) as { data: [string, number][] };
    expect(json.data).toHaveLength(12);
    expect(json.data.some(([, ra]) => ra < 1) && json.data.some(([, ra]) => ra > 359)).toBe(true);
    const csv = await query(cone, { FORMAT: 'text/csv' });
    expect(csv.headers.get('content-type')).toBe('text/csv;header=present');
    expect((await csv.text()).trim().split(/\r?\n/)).toHaveLength(13);
    const fits = await openFits(new Uint8Array(await (await query(cone, { FORMAT: 'fits' })).arrayBuffer()));
    expect(fits.hdus[1]!.header.get('NAXIS2')).toBe(12);
    const parquet = Buffer.from(await (await query(cone, { FORMAT: 'parquet' })).arrayBuffer());
    expect(parquet.toString('latin1', 0, 4)).toBe('PAR1');
  });

  it.each([
    ['SELECT ra, nothing FROM almagest.DiaObjectLast', /line 1, column 12: .*nothing/],
    ['SELECT * FROM access_token', /line 1, column 15: .*access_token/],
    ['SELEC ra', /line 1, column 1/],
    ['SELECT CAST(band AS INTEGER) FROM almagest.DiaSource', /integer/],
  ])('says what is wrong with %s, and where', async (adql, message) => {
    const response = await query(adql);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/x-votable+xml');
    const text = await response.text();
    expect(text).toMatch(/<INFO name="QUERY_STATUS" value="ERROR">/);
    expect(text).toMatch(message);
    expect(text).not.toMatch(/ at |SELECT .*c1|"DiaObjectLast"/);
  });

  it('stops at MAXREC and says so; describes the result for MAXREC=0', async () => {
    const few = await (await query(OBJECTS, { MAXREC: '3', FORMAT: 'votable/td' })).text();
    expect(few.match(/<TR>/g)).toHaveLength(3);
    expect(few).toMatch(/<\/TABLE>\s*<INFO name="QUERY_STATUS" value="OVERFLOW"\/>/);
    const none = await (await query(OBJECTS, { MAXREC: '0', FORMAT: 'votable/td' })).text();
    expect(none.match(/<FIELD/g)).toHaveLength(3);
    expect(none).not.toContain('<TR>');
    const top = await (
      await query(OBJECTS.replace('SELECT', 'SELECT TOP 3'), { MAXREC: '3', FORMAT: 'votable/td' })
    ).text();
    expect(top).not.toContain('OVERFLOW');
  });

  it('cannot be made to write', async () => {
    for (const adql of [
      'DROP TABLE almagest.Visit',
      "SELECT set_config('a.b', '1', false) AS x",
      'SELECT pg_sleep(1) FROM almagest.Visit',
      'DELETE FROM almagest.Visit',
    ])
      expect((await query(adql)).status).toBe(400);
  });
});

describe('TAP, jobs', () => {
  const idOf = (response: Response): string => response.headers.get('location')!.split('/').at(-1)!;

  it('runs at creation when asked to, and gives the result, its list and its end', async () => {
    const created = await tap('/async', { LANG: 'ADQL', QUERY: OBJECTS, PHASE: 'RUN', RUNID: 'mine', FORMAT: 'csv' });
    expect(created.status).toBe(303);
    const id = idOf(created);
    const job = await (await tap(`/async/${id}?WAIT=30`)).text();
    expect(job).toContain('<uws:phase>COMPLETED</uws:phase>');
    expect(job).toContain('<uws:runId>mine</uws:runId>');
    const result = await tap(`/async/${id}/results/result`);
    expect((await result.text()).trim().split(/\r?\n/)).toHaveLength(13);
    expect((await tap(`/async/${id}/error`)).status).toBe(404);
    expect((await tap(`/async/${id}`, undefined, { method: 'DELETE' })).status).toBe(303);
    expect((await tap(`/async/${id}`)).status).toBe(404);
  });

  it('can be changed while it waits, and not after', async () => {
    const id = idOf(await tap('/async', {}));
    await tap(`/async/${id}/parameters`, { LANG: 'ADQL', QUERY: 'SELECT nonsense' });
    await tap(`/async/${id}/parameters`, { QUERY: OBJECTS, MAXREC: '2' });
    await tap(`/async/${id}/executionduration`, { EXECUTIONDURATION: '17' });
    await tap(`/async/${id}/destruction`, { DESTRUCTION: '2026-12-24T00:00:00' });
    expect(await (await tap(`/async/${id}/executionduration`)).text()).toBe('17');
    expect(await (await tap(`/async/${id}/destruction`)).text()).toMatch(/^20\d\d-/);
    expect(await (await tap(`/async/${id}/phase`)).text()).toBe('PENDING');
    await tap(`/async/${id}/phase`, { PHASE: 'RUN' });
    expect(await (await tap(`/async/${id}?WAIT=30`)).text()).toContain('COMPLETED');
    expect((await tap(`/async/${id}/parameters`, { QUERY: 'SELECT 1' })).status).toBe(400);
  });

  it('tells what went wrong in the job and in its error document', async () => {
    const id = idOf(await tap('/async', { LANG: 'ADQL', QUERY: 'SELECT x FROM almagest.Visit', PHASE: 'RUN' }));
    const job = await (await tap(`/async/${id}?WAIT=30`)).text();
    expect(job).toMatch(
      /<uws:phase>ERROR<\/uws:phase>[\s\S]*<uws:errorSummary type="fatal" hasDetail="true"><uws:message>line 1, column 8: /,
    );
    const error = await tap(`/async/${id}/error`);
    expect([error.status, await error.text()]).toEqual([200, expect.stringContaining('line 1, column 8')]);
  });

  it('belongs to its owner: others do not find it, and the list shows it to nobody else', async () => {
    const bearer = (value: string) => ({ headers: { authorization: `Bearer ${value}` } });
    const id = idOf(await tap('/async', { LANG: 'ADQL', QUERY: OBJECTS }, bearer(token)));
    const other = await stack.token('eve');
    expect((await tap(`/async/${id}`)).status).toBe(404);
    expect((await tap(`/async/${id}`, undefined, bearer(other))).status).toBe(404);
    expect(await (await tap('/async', undefined, bearer(other))).text()).not.toContain(id);
    expect(await (await tap('/async?PHASE=PENDING&LAST=5', undefined, bearer(token))).text()).toContain(id);
    expect(await (await tap('/async?PHASE=ERROR', undefined, bearer(token))).text()).not.toContain(id);
    expect(await (await tap('/async?AFTER=2099-01-01', undefined, bearer(token))).text()).not.toContain(id);
  });

  it('survives the death of the process it was made in', async () => {
    const waiting = idOf(await tap('/async', { LANG: 'ADQL', QUERY: OBJECTS }));
    const done = idOf(await tap('/async', { LANG: 'ADQL', QUERY: OBJECTS, PHASE: 'RUN' }));
    await tap(`/async/${done}?WAIT=30`);
    const queued = idOf(await tap('/async', { LANG: 'ADQL', QUERY: OBJECTS }));
    // as a process leaves it that dies between two statements
    await dataSource.query(
      `UPDATE job SET phase = 'EXECUTING', lease_owner = 'gone', lease_until = now() - interval '1 s', started_at = now() WHERE job_id = $1`,
      [queued],
    );
    await stack.restartApi();
    expect(await (await tap(`/async/${done}/phase`)).text()).toBe('COMPLETED');
    expect((await tap(`/async/${done}/results/result`)).status).toBe(200);
    await tap(`/async/${waiting}/phase`, { PHASE: 'RUN' });
    for (const id of [waiting, queued]) {
      let phase = '';
      for (let i = 0; i < 30 && phase !== 'COMPLETED'; i++) {
        await tap(`/async/${id}?WAIT=1`);
        phase = await (await tap(`/async/${id}/phase`)).text();
      }
      expect(phase).toBe('COMPLETED');
    }
  });
});

describe('images', () => {
  it('are cut out for several identifiers and shapes at once, together or as results of a job', async () => {
    const circle = `${FIELD.raDeg} ${FIELD.decDeg} 0.0007`;
    const soda = (path: string, parameters: [string, string][]) =>
      fetch(`${stack.url}/soda/${path}`, { method: 'POST', body: new URLSearchParams(parameters), redirect: 'manual' });
    const ids = night.images.map((id): [string, string] => ['ID', id]);
    const one = await openFits(new Uint8Array(await (await soda('sync', [ids[0]!, ['CIRCLE', circle]])).arrayBuffer()));
    // 0.0007 deg are 5.04 pixels
    expect((await one.hdu('IMAGE').readImage()).shape).toEqual([11, 11]);
    const both = await openFits(
      new Uint8Array(await (await soda('sync', [...ids, ['POS', `CIRCLE ${circle}`]])).arrayBuffer()),
    );
    expect(both.hdus.map(({ name }) => name).slice(1)).toEqual([
      'IMAGE',
      'MASK',
      'VARIANCE',
      'IMAGE',
      'MASK',
      'VARIANCE',
    ]);
    expect((await soda('sync', [ids[0]!, ['CIRCLE', '10 10 0.1']])).status).toBe(204);
    expect(
      (await soda('sync', [ids[0]!, ['CIRCLE', circle], ['RESPONSEFORMAT', 'image/png']])).headers.get('content-type'),
    ).toBe('image/png');
    expect(
      (
        await soda('sync', [
          ['ID', 'ivo://almagest/dataset?none'],
          ['CIRCLE', circle],
        ])
      ).status,
    ).toBe(404);
    expect((await soda('sync', [ids[0]!, ['CIRCLE', '10 95 0.1']])).status).toBe(400);
    const created = await soda('async', [...ids, ['CIRCLE', circle], ['CIRCLE', '10 10 0.1'], ['PHASE', 'RUN']]);
    const job = await (await fetch(`${created.headers.get('location')}?WAIT=30`)).text();
    expect(job).toContain('COMPLETED');
    expect(job.match(/<uws:result /g)).toHaveLength(2);
  });

  it('unknown identifiers of DataLink are rows that say so', async () => {
    const links = await (
      await fetch(`${stack.url}/datalink/links?ID=ivo://x/y&ID=${encodeURIComponent(night.images[0]!)}`)
    ).text();
    expect(links).toContain('NotFoundFault: ');
    expect(links.match(/<TR>/g)!.length).toBeGreaterThan(4);
  });
});

describe('validators', () => {
  it('taplint finds no error and nothing to warn of', async () => {
    if (!have('taplint', 'command:stilts')) return;
    const stages = 'TMV TME TMS TMC CPV CAP AVV QGE QPO QAS UWS MDQ OBS UPL EXA';
    const report = await stilts('taplint', `tapurl=${stack.url}/tap`, 'report=EWF', `stages=${stages}`);
    expect(report).toMatch(/Totals: Errors: 0; Warnings: 0; Failures: 0/);
  });

  it('xsdvalidate finds the documents of VOSI and UWS valid', async () => {
    if (!have('xsdvalidate', 'command:stilts')) return;
    const created = await tap(
      '/async',
      { LANG: 'ADQL', QUERY: OBJECTS, PHASE: 'RUN' },
      { headers: { authorization: `Bearer ${token}` } },
    );
    const job = created.headers.get('location')!;
    const vosi = ['tap', 'sia', 'soda', 'datalink', 'scs/DiaObjectLast'].flatMap((base) => [
      `${base}/capabilities`,
      `${base}/availability`,
    ]);
    const urls = [
      ...vosi,
      'tap/tables',
      'tap/tables?detail=min',
      'tap/tables/almagest.DiaSource',
      'tap/tables/TAP_SCHEMA.columns',
      'tap/async',
    ].map((path) => `${stack.url}/${path}`);
    for (const path of ['', '/parameters', '/results']) urls.push(job + path);
    for (const url of urls) {
      const file = surroundings.scratch('document.xml');
      writeFileSync(file, await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text());
      await expect(
        stilts('xsdvalidate', 'uselocals=true', `doc=${file}`).then(
          () => 'valid',
          (error: Error) => `${url}: ${error.message}`,
        ),
      ).resolves.toBe('valid');
    }
  });

  it('votlint finds every kind of VOTable in order', async () => {
    if (!have('votlint', 'command:stilts')) return;
    const urls = [
      ...['votable/td', 'votable/b', 'votable/b2'].map(
        (format) =>
          `tap/sync?LANG=ADQL&FORMAT=${format}&QUERY=${encodeURIComponent('SELECT * FROM almagest.DiaSource')}`,
      ),
      `tap/sync?LANG=ADQL&QUERY=${encodeURIComponent('SELECT POINT(ra, dec) AS p, CIRCLE(ra, dec, 0.1) AS c, * FROM almagest.Visit')}`,
      `scs/DiaObjectLast?RA=${FIELD.raDeg}&DEC=${FIELD.decDeg}&SR=1&VERB=3`,
      'scs/DiaObjectLast?RA=nonsense&DEC=1&SR=1',
      'sia/query?FORMAT=x',
      `sia/query?POS=CIRCLE+${FIELD.raDeg}+${FIELD.decDeg}+0.1`,
      `datalink/links?ID=${encodeURIComponent(night.images[0]!)}`,
      'tap/sync?LANG=ADQL&QUERY=nonsense',
    ];
    for (const url of urls) {
      const file = surroundings.scratch('answer.vot');
      writeFileSync(file, Buffer.from(await (await fetch(`${stack.url}/${url}`)).arrayBuffer()));
      expect([url, await stilts('votlint', `votable=${file}`)]).toEqual([url, '']);
    }
    const file = surroundings.scratch('links.vot');
    writeFileSync(
      file,
      await (await fetch(`${stack.url}/datalink/links?ID=${encodeURIComponent(night.images[0]!)}`)).text(),
    );
    const report = await stilts('datalinklint', `votable=${file}`);
    expect(report).toMatch(/Errors: 0; Warnings: 0/);
  });
});

describe('clients', () => {
  it('STILTS asks, joins an upload and searches cones', async () => {
    if (!have('stilts tapquery, tapskymatch, cone', 'command:stilts')) return;
    const upload = surroundings.scratch('places.csv');
    writeFileSync(upload, `name,ra,dec\nhere,${FIELD.raDeg},${FIELD.decDeg}\nthere,10,10\n`);
    const rows = (csv: string): number => csv.trim().split('\n').length - 1;
    const url = `tapurl=${stack.url}/tap`;
    for (const sync of ['true', 'false'])
      expect(rows(await stilts('tapquery', url, `adql=${OBJECTS}`, `sync=${sync}`, 'ofmt=csv'))).toBe(12);
    const joined = await stilts(
      'tapquery',
      url,
      'nupload=1',
      `upload1=${upload}`,
      'ufmt1=csv',
      'ofmt=csv',
      'adql=SELECT name FROM TAP_UPLOAD.up1',
    );
    expect(joined.trim().split('\n')).toEqual(['name', 'here', 'there']);
    const matched = await stilts(
      'tapskymatch',
      url,
      `in=${upload}`,
      'ifmt=csv',
      'inlon=ra',
      'inlat=dec',
      'taptable=almagest.DiaObjectLast',
      'taplon=ra',
      'taplat=dec',
      'sr=0.5',
      'find=all',
      'ofmt=csv',
    );
    expect(rows(matched)).toBe(12);
    const cone = await stilts(
      'cone',
      `serviceurl=${stack.url}/scs/DiaObjectLast`,
      `lon=${FIELD.raDeg}`,
      `lat=${FIELD.decDeg}`,
      'radius=0.5',
      'ofmt=csv',
    );
    expect(rows(cone)).toBe(12);
    const sia = await stilts(
      'cone',
      `serviceurl=${stack.url}/sia/query`,
      'servicetype=sia2',
      `lon=${FIELD.raDeg}`,
      `lat=${FIELD.decDeg}`,
      'radius=0.1',
      'ofmt=csv',
    );
    expect(rows(sia)).toBe(2);
  });

  it('pyvo and astroquery find what is there, call by call', async () => {
    if (!have('pyvo and astroquery', 'python:pyvo', 'python:astroquery')) return;
    const args = [stack.url, token, String(FIELD.raDeg), String(FIELD.decDeg)];
    const said = (await surroundings.pythonFile(`${ROOT}/test/vo/clients.py`, args)).toString();
    // astroquery prints of its own accord
    const lines = said.split('\n').filter((line) => line.startsWith('{'));
    const calls = lines.map(
      (line) =>
        JSON.parse(line) as { client: string; call: string; ms: number; ok: boolean; value?: unknown; error?: string },
    );
    process.stdout.write(
      `${calls.map(({ client, call, ms, value, error }) => `${client}: ${call}: ${JSON.stringify(value ?? error)} (${ms} ms)`).join('\n')}\n`,
    );
    const answers = Object.fromEntries(
      calls.map(({ client, call, ok, value, error }) => [`${client}: ${call}`, ok ? value : error]),
    );
    expect(answers).toEqual({
      'pyvo: capabilities': 5,
      'pyvo: availability': true,
      'pyvo: limits': [100_000, 10_000_000],
      'pyvo: tables': [
        'almagest.DiaForcedSource',
        'almagest.DiaObject',
        'almagest.DiaObjectLast',
        'almagest.DiaSource',
      ],
      'pyvo: columns': ['diaForcedSourceId', 'diaObjectId', 'ra'],
      'pyvo: examples': 6,
      'pyvo: sync': 12,
      'pyvo: identifiers': expect.stringMatching(/^\d{10,19}$/),
      'pyvo: overflow': [3, 'OVERFLOW'],
      'pyvo: error': expect.stringContaining('line 1, column 8'),
      'pyvo: async': 12,
      'pyvo: job': ['COMPLETED', 5, 30],
      'pyvo: abort': 'ABORTED',
      'pyvo: own jobs': [true, 0],
      'pyvo: upload': [['a', 12]],
      'pyvo: upload async': [['a', 12]],
      'astropy: votable/td': 12,
      'astropy: votable/b': 12,
      'astropy: votable/b2': 12,
      'astropy: csv': 12,
      'astropy: tsv': 12,
      'astropy: fits': 12,
      'json: json': 12,
      'pyvo: cone search': 12,
      'pyvo: cone search far away': 0,
      'pyvo: cone search error': expect.stringContaining('SR'),
      'pyvo: SIA2': expect.arrayContaining([...night.images]),
      'pyvo: SIA2 elsewhere': 0,
      'pyvo: SIA2 by band': [2, 0],
      'pyvo: DataLink': ['#this', '#preview', '#cutout', '#cutout', '#derivation'],
      'pyvo: SODA through DataLink': ['IMAGE', 'MASK', 'VARIANCE', 15, 15],
      'astroquery: sync': 12,
      'astroquery: async with PHASE=RUN': 12,
      'astroquery: upload': 1,
    });
  });
});
