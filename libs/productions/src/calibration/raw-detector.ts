import type { MasterCalibrations, RawDetector } from '#libs/algorithms';
import type { RawFrame } from '#libs/instruments';

/** A raw frame as instrument signature removal takes it. */
export const rawDetectorOf = (frame: RawFrame): RawDetector => ({
  width: frame.detector.width,
  height: frame.detector.height,
  amplifiers: frame.amplifiers.map(({ amplifier, data, width }) => ({ amplifier, pixels: data, width })),
  defects: frame.detector.defects,
  darkTime: frame.description.exposureTime,
});

/** Which master calibrations there are, as words for headers and logs. */
export const mastersUsed = (masters: MasterCalibrations): string =>
  (['bias', 'dark', 'flat'] as const).filter((kind) => masters[kind] !== undefined).join('+') || 'none';
