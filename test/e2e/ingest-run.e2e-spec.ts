// A small simulated survey through `ingest` and `run`, with a broken file among the good ones.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planSurvey, renderPiece, surveyPieces, writeSurveyTables } from '#libs/simulation';
import { almagest, dropDatabase } from './command.js';

interface Ingested {
  readonly ingested: number;
  readonly known: number;
  readonly refused: number;
  readonly referenceStars?: number;
  readonly files: readonly {
    readonly file: string;
    readonly status: string;
    readonly code?: string;
    readonly kind?: string;
    readonly visit?: string;
  }[];
}

describe('ingest and run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-ingest-'));
  const survey = join(folder, 'survey');
  const frames = join(folder, 'frames');
  const dataDir = join(folder, 'data');
  let first: Awaited<ReturnType<typeof almagest<Ingested>>>;

  beforeAll(async () => {
    const plan = planSurvey({ seed: 7, nights: 1, visitsPerNight: 1, detectors: 1, detectorSize: 256 });
    await writeSurveyTables(plan, survey);
    mkdirSync(frames);
    const visits = surveyPieces(plan).filter(({ kind }) => kind === 'visit');
    for (const piece of visits.slice(0, 2))
      for (const { name, bytes } of renderPiece(plan, piece))
        writeFileSync(join(frames, name.replaceAll('/', '-')), bytes);
    const [whole] = readdirSync(frames).sort();
    const bytes = readFileSync(join(frames, whole!));
    writeFileSync(join(frames, 'cut.fits'), bytes.subarray(0, Math.floor(bytes.length / 2)));
    writeFileSync(join(frames, 'noise.fits'), 'this is no FITS file');
    writeFileSync(join(frames, 'observing-log.txt'), 'clear sky');
    copyFileSync(join(frames, whole!), join(frames, 'same-again.fits'));
    first = await almagest<Ingested>(
      [
        'ingest',
        frames,
        join(folder, 'nowhere'),
        '--refcat',
        join(survey, 'refcat.fits'),
        '--orbits',
        join(survey, 'orbits.json'),
      ],
      dataDir,
    );
  });
  afterAll(async () => {
    await dropDatabase(dataDir);
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes the good frames in and refuses the others with a code each', () => {
    expect(first.exitCode).toBe(1);
    // two visits of two snaps; the same bytes under another name are the same frame
    expect(first.summary).toMatchObject({ ingested: 4, known: 1, refused: 3 });
    expect(first.summary.referenceStars).toBeGreaterThan(0);
    const codeOf = (name: string) => first.summary.files.find(({ file }) => file.endsWith(name))?.code;
    // cut between two amplifiers or in one
    expect(['INCOMPLETE_FRAME', 'TRUNCATED']).toContain(codeOf('cut.fits'));
    expect(codeOf('noise.fits')).toBe('NOT_FITS');
    expect(codeOf('nowhere')).toBe('NO_SUCH_FILE');
  });

  it('may be repeated without doubling anything', async () => {
    const again = await almagest<Ingested>(['ingest', frames], dataDir);
    expect(again.summary).toMatchObject({ ingested: 0, known: 5, refused: 2 });
  });

  it('says 65 when nothing could be used', async () => {
    const { exitCode, summary } = await almagest<Ingested>(['ingest', join(frames, 'noise.fits')], dataDir);
    expect(exitCode).toBe(65);
    expect(summary).toMatchObject({ ingested: 0, refused: 1 });
  });

  it('runs single-frame processing without calibrations or catalog, and exports what it made', async () => {
    const out = join(folder, 'out');
    const { summary, lines } = await almagest<{
      readonly visits: readonly string[];
      readonly files: readonly string[];
      readonly stored: number;
    }>(['run', 'single-frame', '--out', out], dataDir);
    expect(summary.visits).toHaveLength(2);
    expect(summary.stored).toBeGreaterThan(0);
    expect(lines).toContain('characterize');
    expect(readdirSync(out).filter((name) => name.startsWith('icExp'))).toHaveLength(2);
    expect(readdirSync(out).filter((name) => name.startsWith('icSource'))).toHaveLength(2);
  });

  it('says what is wrong with a request, in a sentence and with an exit code', async () => {
    const noFrames = await almagest(['run', 'stack', '--instrument', 'NoSuchCam'], dataDir);
    expect(noFrames.exitCode).toBe(65);
    expect(noFrames.lines).toContain('[NO_FRAMES]');
    const noField = await almagest(['run', 'assemble', '--config', 'isr.config.overscn.fit=none'], dataDir);
    expect(noField.exitCode).toBe(65);
    expect(noField.lines).toContain('overscan');
    expect(noField.lines).not.toContain('    at ');
  });
});
