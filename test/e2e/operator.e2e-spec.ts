// The operator's way from raw files to alerts, as the README has it: calibrations, a first night, templates of it, the nights after.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { planSurvey, renderPiece, surveyPieces, writeSurveyTables } from '#libs/simulation';
import { almagest, dropDatabase } from './command.js';

interface AlertProduction {
  readonly done: number;
  readonly failed: number;
  readonly sources: number;
  readonly diaSources: number;
  readonly alerts: number;
}

describe('an operator’s first survey', () => {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-operator-'));
  const dataDir = join(folder, 'data');
  const plan = planSurvey({ seed: 11, bands: ['r'], nights: 1, visitsPerNight: 1, detectors: 1, detectorSize: 512 });
  const days = (purpose: string) => [
    ...new Set(plan.visits.filter((visit) => visit.purpose === purpose).map(({ dayObs }) => dayObs)),
  ];
  const onDays = (list: readonly number[]) => list.flatMap((day) => ['--day', String(day)]);

  beforeAll(async () => {
    await writeSurveyTables(plan, folder);
    for (const piece of surveyPieces(plan))
      for (const { name, bytes } of renderPiece(plan, piece)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), bytes);
      }
    const ingested = await almagest<{ ingested: number; refused: number }>(
      [
        'ingest',
        join(folder, 'calib'),
        join(folder, 'raw'),
        '--refcat',
        join(folder, 'refcat.fits'),
        '--orbits',
        join(folder, 'orbits.json'),
      ],
      dataDir,
    );
    expect(ingested.summary.refused).toBe(0);
  });
  afterAll(async () => {
    await dropDatabase(dataDir);
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes master calibrations without complaints about the band of frames that have none', async () => {
    const { exitCode, summary } = await almagest<{ stored: number; failures: unknown[] }>(
      ['run', 'calibration'],
      dataDir,
    );
    expect(summary.failures).toEqual([]);
    expect(summary.stored).toBe(3); // bias, dark, and a flat of the one band
    expect(exitCode).toBe(0);
  });

  it('calibrates a first night, and says what its differences lack', async () => {
    const { exitCode, summary, lines } = await almagest<AlertProduction>(
      ['run', 'alert-production', ...onDays(days('template'))],
      dataDir,
    );
    expect(exitCode).toBe(0);
    expect(summary.sources).toBeGreaterThan(0);
    expect(summary.diaSources).toBe(0);
    expect(lines).toContain('almagest run templates');
  });

  it('stacks that night to templates and finds what changed on the next', async () => {
    const templates = await almagest<{ stored: number }>(['run', 'templates', ...onDays(days('template'))], dataDir);
    expect(templates.summary.stored).toBeGreaterThan(0);
    const { exitCode, summary } = await almagest<AlertProduction>(
      ['run', 'alert-production', ...onDays(days('science'))],
      dataDir,
    );
    expect(exitCode).toBe(0);
    expect(summary.diaSources).toBeGreaterThan(0);
    expect(summary.alerts).toBe(summary.diaSources);
  });

  it('issues a token into the same installation', async () => {
    const { summary } = await almagest<{ user: string; scopes: string[]; token: string }>(
      ['admin', 'token', 'alice', '--scopes', 'read,jobs'],
      dataDir,
    );
    expect(summary).toMatchObject({ user: 'alice', scopes: ['read', 'jobs'] });
    expect(summary.token.length).toBeGreaterThan(32);
  });
});
