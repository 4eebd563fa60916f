// Which frames a request means: by instrument, visit, day, band, detector, stage and purpose, out of what was taken in.

import type { DataSource } from 'typeorm';
import { TaskFailure } from '#libs/pipeline';
import type { Stage } from './ingest-frame.js';

export interface FrameSelection {
  readonly instrument?: string;
  readonly visits?: readonly string[];
  readonly detectors?: readonly number[];
  readonly bands?: readonly string[];
  readonly days?: readonly number[];
}

export interface KnownFrame {
  readonly instrument: string;
  readonly visit: string;
  readonly detector: number;
  readonly band: string;
  readonly day: number;
  /** start of the visit [ns TAI since 1970] */
  readonly beginNs: bigint;
}

/** Science frames of a stage that fit the selection, by time. One entry per visit and detector. */
export async function knownFrames(
  dataSource: DataSource,
  stage: Stage,
  { instrument, visits, detectors, bands, days }: FrameSelection,
): Promise<readonly KnownFrame[]> {
  const rows: { instrument: string; visit: unknown; detector: number; band: string; day: number; begin_ns: unknown }[] =
    await dataSource.query(
      `SELECT DISTINCT f.instrument, f.visit, f.detector, v.band, v.day, v.begin_ns
       FROM raw_frame f JOIN observed_visit v USING (instrument, visit)
       WHERE f.stage = $1 AND f.purpose IN ('science', 'calibrated')
         AND ($2::text IS NULL OR f.instrument = $2)
         AND ($3::text[] IS NULL OR f.visit::text = ANY ($3::text[]))
         AND ($4::integer[] IS NULL OR f.detector = ANY ($4::integer[]))
         AND ($5::text[] IS NULL OR v.band = ANY ($5::text[]))
         AND ($6::integer[] IS NULL OR v.day = ANY ($6::integer[]))
       ORDER BY v.begin_ns, f.visit, f.detector`,
      [stage, instrument ?? null, visits ?? null, detectors ?? null, bands ?? null, days ?? null],
    );
  return rows.map(({ instrument: name, visit, detector, band, day, begin_ns: begin }) => ({
    instrument: name,
    visit: String(visit),
    detector,
    band,
    day,
    beginNs: BigInt(begin as string),
  }));
}

export const visitsOf = (frames: readonly KnownFrame[]): string[] => [...new Set(frames.map(({ visit }) => visit))];

/** The instrument all frames are of. @throws TaskFailure when there are no frames, or several instruments */
export function oneInstrument(frames: readonly KnownFrame[], stage: Stage): string {
  const names = [...new Set(frames.map(({ instrument }) => instrument))].sort();
  if (names.length === 1) return names[0]!;
  throw names.length === 0
    ? new TaskFailure('noWork', 'NO_FRAMES', `no ${stage} science frame was taken in that fits the selection`)
    : new TaskFailure(
        'unprocessable',
        'WHICH_INSTRUMENT',
        `frames of ${names.join(', ')} fit the selection: say which`,
        {
          instruments: names,
        },
      );
}

/** Two epochs: the visits before and after the longest pause between two visits. */
export function splitByPause(frames: readonly KnownFrame[]): { readonly earlier: string[]; readonly later: string[] } {
  const visits = [...new Map(frames.map((frame) => [frame.visit, frame])).values()];
  let at = 1;
  for (let k = 2; k < visits.length; k++)
    if (visits[k]!.beginNs - visits[k - 1]!.beginNs > visits[at]!.beginNs - visits[at - 1]!.beginNs) at = k;
  const list = visits.map(({ visit }) => visit);
  return { earlier: list.slice(0, at), later: list.slice(at) };
}
