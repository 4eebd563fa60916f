// The figures a run is judged by, read from what it stored, and as tables for people.

import { type ProcessingEnvironment, datasetsOfRun, type FramesResult } from '#libs/processing';
import {
  type AmplifierSky,
  AmplifierSkyStorage,
  type RankedDetection,
  RankedDetectionStorage,
  type SkyStackReport,
  SkyStackReportStorage,
  type StackReport,
  StackReportStorage,
} from '#libs/productions';
import type { DataId } from '#libs/pipeline';

interface Of<T> {
  readonly dataId: DataId;
  readonly value: T;
}
export interface RunFigures {
  readonly amplifierSky: readonly Of<AmplifierSky>[];
  readonly stacks: readonly Of<StackReport>[];
  readonly detections: readonly Of<readonly RankedDetection[]>[];
  readonly skyStacks: readonly Of<SkyStackReport>[];
}

export async function figuresOf(environment: ProcessingEnvironment, run: string): Promise<RunFigures> {
  return {
    amplifierSky: await datasetsOfRun(environment, run, 'amplifierSky', AmplifierSkyStorage),
    stacks: await datasetsOfRun(environment, run, 'stackReport', StackReportStorage),
    detections: await datasetsOfRun(environment, run, 'stackDetections', RankedDetectionStorage),
    skyStacks: [
      ...(await datasetsOfRun(environment, run, 'templateStackReport', SkyStackReportStorage)),
      ...(await datasetsOfRun(environment, run, 'scienceStackReport', SkyStackReportStorage)),
    ],
  };
}

/** Frames that a stack left out, with the reason: reported like every other frame that could not be processed. */
export const leftOut = (figures: RunFigures): { readonly visit: string; readonly reason: string }[] => [
  ...figures.stacks.flatMap(({ value }) => value.rejected),
  ...figures.skyStacks.flatMap(({ value }) => value.rejected),
];

const place = (dataId: DataId): string =>
  Object.entries(dataId)
    .map(([dimension, value]) => `${dimension} ${value}`)
    .join(', ');
const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(2)} %`);

export function figureLines(figures: RunFigures, metrics: FramesResult['report']['quanta']): string[] {
  return [
    ...figures.amplifierSky.flatMap(({ dataId, value }) => [
      `amplifiers (${place(dataId)}): sky [e-] ${value.amplifiers.map(({ name, sky }) => `${name} ${sky.toFixed(1)}`).join('  ')}`,
      `  highest over lowest sky - 1: ${percent(value.spread)}; steps across the seams: ${value.seams
        .map(({ between, step }) => `${between.join('|')} ${percent(step)}`)
        .join('  ')}`,
    ]),
    ...exposureLines(metrics),
    ...figures.stacks.flatMap(({ dataId, value }) => stackLines(dataId, value)),
    ...figures.detections.flatMap(({ dataId, value }) => detectionLines(dataId, value)),
  ];
}

function exposureLines(quanta: FramesResult['report']['quanta']): string[] {
  return quanta
    .filter(({ label, status }) => label.startsWith('characterize') && status === 'done')
    .map(({ label, dataId, metrics }) => {
      const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN;
      return `${label} (${place(dataId)}): sky ${value('skyLevel').toFixed(1)} e- noise ${value('skyNoise').toFixed(2)} e-, PSF FWHM ${value('psfFwhm').toFixed(2)} px from ${value('psfStarCount')} stars, ${value('sourceCount')} sources`;
    });
}

function stackLines(dataId: DataId, report: StackReport): string[] {
  // what could not be measured is null in JSON
  const number = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits));
  const cell = (value: number | null, digits: number, width: number): string => number(value, digits).padStart(width);
  return [
    `stack (${place(dataId)}): ${report.frames.length} frames, ${report.hotPixels} fixed hot pixels masked`,
    '  visit          stars matches  rms px   shift x   shift y   scale  block noise   FWHM px',
    ...report.frames.map(
      ({ visit, stars, matches, rmsPx, shiftPx: [dx, dy], scale, blockNoise, fwhmPx }) =>
        `  ${visit.padEnd(14)} ${String(stars).padStart(5)} ${String(matches).padStart(7)} ${cell(rmsPx, 3, 7)} ${cell(dx, 2, 9)} ${cell(dy, 2, 9)} ${cell(scale, 3, 7)} ${cell(blockNoise, 3, 12)} ${cell(fwhmPx, 2, 9)}`,
    ),
    `  ${'stack'.padEnd(54)} ${cell(report.stackBlockNoise, 3, 12)} ${cell(report.stackFwhmPx, 2, 9)}`,
    `  noise of the median frame over that of the stack, in ${report.blocks} source-free 8 x 8 blocks: ${number(report.noiseRatio, 3)} (sqrt of frames ${report.expectedNoiseRatio.toFixed(3)})`,
    `  FWHM of the stack over that of the median frame, ${report.seeingStars} stars: ${number(report.fwhmRatio, 3)}`,
  ];
}

function detectionLines(dataId: DataId, detections: readonly RankedDetection[]): string[] {
  return [
    `difference (${place(dataId)}): ${detections.length} detections`,
    '  rank   x (from 0)   y (from 0)   x FITS   y FITS        RA        Dec     S/N  PSF S/N  sign  score',
    ...detections
      .slice(0, 30)
      .map(
        (d) =>
          `  ${String(d.rank).padStart(4)} ${d.x.toFixed(2).padStart(12)} ${d.y.toFixed(2).padStart(12)} ${d.fitsX.toFixed(2).padStart(8)} ${d.fitsY.toFixed(2).padStart(8)} ${d.raDeg.toFixed(5).padStart(9)} ${d.decDeg.toFixed(5).padStart(10)} ${d.snr.toFixed(1).padStart(7)} ${d.psfSnr.toFixed(1).padStart(8)}  ${d.isNegative ? '-' : '+'}${d.isDipole ? ' dipole' : ''}   ${d.reliability.toFixed(3)}`,
      ),
  ];
}
