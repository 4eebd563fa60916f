// Worker thread of `almagest simulate`: renders the pieces it is sent and writes them.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { renderPiece, type SurveyPiece, type SurveyPlan } from '#libs/simulation';

const { plan, folder } = workerData as { plan: SurveyPlan; folder: string };
parentPort!.on('message', (piece: SurveyPiece) => {
  const files = renderPiece(plan, piece);
  for (const { name, bytes } of files) {
    writeFileSync(join(folder, `${name}.part`), bytes);
    renameSync(join(folder, `${name}.part`), join(folder, name));
  }
  parentPort!.postMessage(files.map(({ name }) => name));
});
