// A file of a telescope comes in: read whole, understood, checked for the stage it is said to be of, stored, registered. What cannot
// be taken is said with a code and a sentence; only a database that does not answer stops the others.

import { readFile } from 'node:fs/promises';
import { DatastoreError } from '#libs/datastore';
import { FitsError, openFits } from '#libs/fits';
import { describeFrame, InstrumentError, type TranslatedFrame } from '#libs/instruments';
import type { ProcessingEnvironment } from './environment.js';
import { ingestFrame, type IngestedFrame, type Stage } from './ingest-frame.js';

export type FrameStore = Pick<ProcessingEnvironment, 'dataSource' | 'storage'>;

export interface TakenFile {
  readonly status: 'ingested' | 'known';
  readonly file: string;
  readonly instrument: string;
  readonly visit: string;
  readonly snap: number;
  readonly detector: number;
  readonly kind: string;
  readonly band: string;
  readonly day: number;
  readonly exposureTime: number;
  readonly visitComplete: boolean;
}
export interface RefusedFile {
  readonly status: 'refused';
  readonly file: string;
  readonly code: string;
  readonly reason: string;
}
export type FileOutcome = TakenFile | RefusedFile;

/** A frame that does not fit what was said of it. */
export class FrameRefusal extends Error {
  override readonly name = 'FrameRefusal';
  constructor(
    readonly code: 'STAGE_MISMATCH' | 'NOT_A_FRAME' | 'UNREADABLE_FILE' | 'INCOMPLETE_FRAME',
    message: string,
  ) {
    super(message);
  }
}

/** Takes one file in. Never throws for what is wrong with the file itself. */
export async function ingestFile(store: FrameStore, file: string, stage: Stage): Promise<FileOutcome> {
  try {
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw new FrameRefusal('UNREADABLE_FILE', `the file cannot be read (${error.code ?? error.message})`);
    });
    await checkFrame(bytes, stage);
    return taken(file, await ingestFrame(store.dataSource, store.storage, bytes, stage));
  } catch (error) {
    if (
      error instanceof FrameRefusal ||
      error instanceof FitsError ||
      error instanceof InstrumentError ||
      (error instanceof DatastoreError && error.code === 'CONFLICTING_FRAME')
    )
      return { status: 'refused', file, code: error.code, reason: error.message };
    throw error;
  }
}

function taken(file: string, { frame, duplicate, visitComplete }: IngestedFrame): TakenFile {
  const { description: d } = frame;
  return {
    status: duplicate ? 'known' : 'ingested',
    file,
    instrument: d.instrument,
    visit: d.visit.toString(),
    snap: d.snap,
    detector: d.detector,
    kind: d.kind,
    band: d.band ?? '',
    day: d.dayObs,
    exposureTime: d.exposureTime,
    visitComplete,
  };
}

/** Every image is read once: a file that ends early or whose compression is damaged is refused before it is acknowledged. */
async function checkFrame(bytes: Uint8Array, stage: Stage): Promise<void> {
  const file = await openFits(bytes);
  try {
    const images = file.hdus.filter(({ shape }) => shape.length === 2 && shape.every((side) => side > 0));
    for (const hdu of images) await hdu.readImage();
    if (images.length === 0) throw new FrameRefusal('NOT_A_FRAME', 'the file holds no two-dimensional image');
    const frame = await describeFrame(file);
    checkStage(frame, stage);
    const { amplifiers } = frame.detector;
    const there = amplifiers.filter(({ hdu }) => images.some(({ index }) => index === hdu)).length;
    if (there < amplifiers.length)
      throw new FrameRefusal(
        'INCOMPLETE_FRAME',
        `the file holds ${there} of the ${amplifiers.length} amplifiers of ${frame.camera.name} detector ${frame.detector.id}; it may have been cut`,
      );
  } finally {
    await file.close();
  }
}

function checkStage({ description, detector }: TranslatedFrame, stage: Stage): void {
  const { kind } = description;
  if (stage === 'raw' && kind === 'calibrated')
    throw new FrameRefusal(
      'STAGE_MISMATCH',
      `${description.instrument} writes this as a calibrated image, not a raw frame; take it in with --stage calibrated`,
    );
  if (stage === 'calibrated' && (kind === 'bias' || kind === 'dark' || kind === 'flat'))
    throw new FrameRefusal('STAGE_MISMATCH', `a ${kind} frame is not a calibrated image; take it in with --stage raw`);
  if (stage === 'calibrated' && detector.amplifiers.length > 1)
    throw new FrameRefusal(
      'STAGE_MISMATCH',
      `a calibrated image is one assembled detector, not ${detector.amplifiers.length} amplifiers; take it in with --stage raw`,
    );
}
