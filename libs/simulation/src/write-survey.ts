// Writes a survey to a folder:
//   survey.json          what an observer knows: options, visits with their files and purposes, calibration files
//   raw/*.fits calib/*.fits  frames as the telescope writes them
//   refcat.fits orbits.json  reference catalog and known orbits
//   truth/<visit>.json truth/summary.json  read by the scorer only

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFits } from '#libs/fits';
import { knownDesignation, orbitCatalog, referenceCatalog } from './catalogs.js';
import { calibrationFileName, encodeCalibrationFrame, encodeVisitFrame, visitFileName } from './raw-fits.js';
import { renderCalibration, renderVisit } from './render.js';
import type { SurveyPlan } from './plan-types.js';
import { visitTruth } from './truth.js';

/** A piece of rendering work: independent of every other piece, so that threads can share them out. */
export type SurveyPiece =
  | { readonly kind: 'visit'; readonly visitIndex: number; readonly detector: number }
  | { readonly kind: 'calibration'; readonly frameIndex: number; readonly detector: number };

export interface SurveyProgress {
  readonly done: number;
  readonly total: number;
  /** names of the files just written, relative to the folder */
  readonly files: readonly string[];
}

export function surveyPieces(plan: SurveyPlan): SurveyPiece[] {
  const detectors = plan.camera.detectors.map(({ id }) => id);
  return [
    ...plan.calibrations.flatMap(({ index }) =>
      detectors.map((detector) => ({ kind: 'calibration', frameIndex: index, detector }) as const),
    ),
    ...plan.visits.flatMap(({ index }) =>
      detectors.map((detector) => ({ kind: 'visit', visitIndex: index, detector }) as const),
    ),
  ];
}

/** Renders one piece: file names relative to the survey's folder and their bytes. Pure. */
export function renderPiece(plan: SurveyPlan, piece: SurveyPiece): { name: string; bytes: Uint8Array }[] {
  if (piece.kind === 'calibration') {
    const frame = plan.calibrations[piece.frameIndex]!;
    const image = renderCalibration(plan, frame, piece.detector);
    return [
      {
        name: join('calib', calibrationFileName(frame, piece.detector)),
        bytes: encodeCalibrationFrame(plan, frame, image),
      },
    ];
  }
  const visit = plan.visits[piece.visitIndex]!;
  return renderVisit(plan, piece.visitIndex, piece.detector).map((frame) => ({
    name: join('raw', visitFileName(visit, piece.detector, frame.snap)),
    bytes: encodeVisitFrame(plan, visit, frame),
  }));
}

/** Catalogs, truth and the table of contents: everything but the frames. */
export async function writeSurveyTables(plan: SurveyPlan, folder: string): Promise<void> {
  for (const name of ['raw', 'calib', 'truth']) await mkdir(join(folder, name), { recursive: true });
  const json = (value: unknown): string => `${JSON.stringify(value, undefined, 1)}\n`;
  await writeWhole(join(folder, 'refcat.fits'), encodeFits([{ kind: 'table', table: referenceCatalog(plan) }]));
  await writeWhole(join(folder, 'orbits.json'), json(orbitCatalog(plan)));
  for (const visit of plan.visits)
    await writeWhole(join(folder, 'truth', `${visit.visit}.json`), json(visitTruth(plan, visit)));
  await writeWhole(
    join(folder, 'truth', 'summary.json'),
    json({
      seed: plan.seed,
      stars: plan.stars.length,
      variables: plan.stars.filter((star) => star.variability).length,
      galaxies: plan.galaxies.length,
      transients: plan.transients,
      asteroids: plan.asteroids.map((asteroid) => ({
        ...asteroid,
        designation: knownDesignation(plan, asteroid.id) ?? null,
      })),
    }),
  );
  const detectors = plan.camera.detectors.map(({ id }) => id);
  await writeWhole(
    join(folder, 'survey.json'),
    json({
      instrument: plan.camera.name,
      seed: plan.seed,
      field: plan.field,
      bands: plan.bands,
      detectors,
      detectorSize: plan.camera.detectors[0]!.width,
      referenceCatalog: 'refcat.fits',
      orbits: 'orbits.json',
      calibrations: plan.calibrations.map((frame) => ({
        visit: frame.visit,
        kind: frame.kind,
        band: frame.band,
        files: detectors.map((id) => join('calib', calibrationFileName(frame, id))),
      })),
      visits: plan.visits.map((visit) => ({
        visit: visit.visit,
        dayObs: visit.dayObs,
        purpose: visit.purpose,
        band: visit.band,
        midpointMjd: visit.midpointMjd,
        files: detectors.flatMap((id) =>
          visit.snapStartMjd.map((_, snap) => join('raw', visitFileName(visit, id, snap))),
        ),
      })),
    }),
  );
}

export async function writeSurvey(
  plan: SurveyPlan,
  folder: string,
  onProgress: (progress: SurveyProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<void> {
  await writeSurveyTables(plan, folder);
  const pieces = surveyPieces(plan);
  let done = 0;
  for (const piece of pieces) {
    signal?.throwIfAborted();
    const files = renderPiece(plan, piece);
    for (const { name, bytes } of files) await writeWhole(join(folder, name), bytes);
    done += 1;
    onProgress({ done, total: pieces.length, files: files.map(({ name }) => name) });
  }
}

/** A reader never sees half a file. */
async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}
