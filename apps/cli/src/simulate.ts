import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { planSurvey, type SurveyOptions, type SurveyPlan, surveyPieces, writeSurveyTables } from '#libs/simulation';

export interface SimulatedSurvey {
  readonly plan: SurveyPlan;
  readonly frames: number;
  readonly seconds: number;
}

/** Simulates a survey into a folder, one rendering thread per core. */
export async function simulateSurvey(
  options: SurveyOptions,
  folder: string,
  onProgress: (done: number, total: number) => void,
): Promise<SimulatedSurvey> {
  const started = performance.now();
  const plan = planSurvey(options);
  await writeSurveyTables(plan, folder);
  const pieces = surveyPieces(plan);
  const waiting = [...pieces];
  let done = 0;
  let frames = 0;
  await Promise.all(
    Array.from(
      { length: Math.min(availableParallelism(), pieces.length) },
      () =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL('./simulate-thread.js', import.meta.url), { workerData: { plan, folder } });
          const next = (): void => {
            const piece = waiting.shift();
            if (piece) worker.postMessage(piece);
            else void worker.terminate().then(() => resolve());
          };
          worker.on('message', (files: string[]) => {
            frames += files.length;
            onProgress(++done, pieces.length);
            next();
          });
          worker.once('error', reject);
          next();
        }),
    ),
  );
  return { plan, frames, seconds: (performance.now() - started) / 1000 };
}
