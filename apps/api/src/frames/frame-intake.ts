import { Inject, Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { DataSource } from 'typeorm';
import { JobService } from '#libs/jobs';
import { ingestFrame, type Stage, submitObservedVisit } from '#libs/processing';
import { ApiError } from '../http/problem.js';
import { Datasets } from '../images/datasets.js';

export const MAX_FRAME_BYTES = 512 * 1024 * 1024;
/** frames held in memory at once */
const MAX_FRAMES_AT_ONCE = 2;

/** Frames from the telescope: read within limits, stored, registered; a complete visit is submitted. */
@Injectable()
export class FrameIntake {
  #receiving = 0;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(Datasets) private readonly datasets: Datasets,
    @Inject(JobService) private readonly jobs: JobService,
  ) {}

  async receive(body: Readable, announced: number, stage: Stage) {
    if (this.#receiving >= MAX_FRAMES_AT_ONCE)
      throw new ApiError(
        'BUSY',
        `${MAX_FRAMES_AT_ONCE} frames are coming in already; try again in a second`,
        undefined,
        503,
      );
    this.#receiving++;
    try {
      const bytes = await collect(body, announced);
      const { frame, rawFrameId, checksum, duplicate, visitComplete } = await ingestFrame(
        this.dataSource,
        this.datasets.storage,
        bytes,
        stage,
      );
      const { instrument, visit, snap, detector, kind } = frame.description;
      const ready = visitComplete && (kind === 'science' || kind === 'calibrated');
      const jobId = ready ? await submitObservedVisit(this.dataSource, this.jobs, instrument, visit) : null;
      return {
        rawFrameId: rawFrameId.toString(),
        instrument,
        visit: visit.toString(),
        snap,
        detector,
        kind,
        checksum,
        duplicate,
        visitComplete,
        jobId,
      };
    } finally {
      this.#receiving--;
    }
  }
}

async function collect(body: Readable, announced: number): Promise<Uint8Array> {
  const tooLarge = (size: number): ApiError =>
    new ApiError('TOO_LARGE', `a frame may have ${MAX_FRAME_BYTES} bytes`, size, 413);
  if (announced > MAX_FRAME_BYTES) throw tooLarge(announced);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_FRAME_BYTES) throw tooLarge(size);
    parts.push(part);
  }
  if (size === 0) throw new ApiError('NO_FRAME', 'the body is empty; send a FITS file as application/fits');
  return Buffer.concat(parts, size);
}
