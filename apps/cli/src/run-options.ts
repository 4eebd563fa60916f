// What every pipeline of `almagest run` is asked with.

import type { FrameFailure, FrameSelection } from '#libs/processing';

export interface RunOptions {
  readonly instrument?: string;
  readonly visit?: string[];
  readonly day?: number[];
  readonly detector?: number[];
  readonly band?: string[];
  readonly templateVisit?: string[];
  readonly templateDay?: number[];
  readonly scienceVisit?: string[];
  readonly scienceDay?: number[];
  readonly config?: Record<string, unknown>;
  readonly run?: string;
  readonly out?: string;
  readonly dataDir: string;
  readonly json?: boolean;
}

export const selectionOf = (options: RunOptions): FrameSelection => ({
  ...(options.instrument && { instrument: options.instrument }),
  ...(options.visit && { visits: options.visit }),
  ...(options.day && { days: options.day }),
  ...(options.detector && { detectors: options.detector }),
  ...(options.band && { bands: options.band }),
});

export const failureLine = ({ task, dataId, kind, code, reason }: FrameFailure): string =>
  `failed    ${task} (${Object.entries(dataId)
    .map(([dimension, value]) => `${dimension} ${value}`)
    .join(', ')}): ${reason} [${kind}, ${code}]`;
