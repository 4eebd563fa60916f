// FITS section keywords ("[x1:x2,y1:y2]", 1-based, both ends included; a descending range is an axis read backwards).

import type { Box } from '#libs/image';
import { InstrumentError } from './errors.js';

export interface Section {
  /** 0-based */
  readonly box: Box;
  readonly flipX: boolean;
  readonly flipY: boolean;
}

const PATTERN = /^\s*\[\s*(\d+)\s*:\s*(\d+)\s*,\s*(\d+)\s*:\s*(\d+)\s*\]\s*$/;

export function parseSection(text: unknown, keyword = 'section'): Section {
  const match = typeof text === 'string' ? PATTERN.exec(text) : null;
  if (!match)
    throw new InstrumentError('BAD_SECTION', `${keyword} is ${String(text)}, not of the form [x1:x2,y1:y2]`, text);
  const [x1, x2, y1, y2] = match.slice(1).map(Number) as [number, number, number, number];
  if (Math.min(x1, x2, y1, y2) < 1)
    throw new InstrumentError('BAD_SECTION', `${keyword} ${String(text)} begins before pixel 1`, text);
  return {
    box: {
      x0: Math.min(x1, x2) - 1,
      y0: Math.min(y1, y2) - 1,
      width: Math.abs(x2 - x1) + 1,
      height: Math.abs(y2 - y1) + 1,
    },
    flipX: x2 < x1,
    flipY: y2 < y1,
  };
}

export function formatSection({ box, flipX, flipY }: Section): string {
  const x = [box.x0 + 1, box.x0 + box.width];
  const y = [box.y0 + 1, box.y0 + box.height];
  if (flipX) x.reverse();
  if (flipY) y.reverse();
  return `[${x.join(':')},${y.join(':')}]`;
}

export const plainSection = (box: Box): Section => ({ box, flipX: false, flipY: false });

type Pixels = Uint16Array | Int32Array | Float32Array;

/**
 * Copies one amplifier's data section into the detector image, undoing the flips.
 * `raw` has `rawWidth` columns; `detector` has `detectorWidth`. Cost: one pass over the section.
 */
export function pasteAmplifier(
  raw: Pixels,
  rawWidth: number,
  amplifier: {
    readonly dataSection: Box;
    readonly detectorBox: Box;
    readonly flipX: boolean;
    readonly flipY: boolean;
  },
  detector: Pixels,
  detectorWidth: number,
): void {
  const { dataSection: from, detectorBox: to, flipX, flipY } = amplifier;
  if (from.width !== to.width || from.height !== to.height)
    throw new InstrumentError(
      'BAD_GEOMETRY',
      `the data section has ${from.width} x ${from.height} pixels, its place on the detector ${to.width} x ${to.height}`,
    );
  for (let y = 0; y < from.height; y++) {
    const source = (from.y0 + y) * rawWidth + from.x0;
    const row = to.y0 + (flipY ? to.height - 1 - y : y);
    let target = row * detectorWidth + to.x0;
    if (flipX) {
      target += to.width - 1;
      for (let x = 0; x < from.width; x++) detector[target - x] = raw[source + x]!;
    } else for (let x = 0; x < from.width; x++) detector[target + x] = raw[source + x]!;
  }
}

/** The inverse of `pasteAmplifier`: detector pixels into the raw array in the order they are read out. */
export function cutAmplifier(
  detector: Pixels,
  detectorWidth: number,
  amplifier: {
    readonly dataSection: Box;
    readonly detectorBox: Box;
    readonly flipX: boolean;
    readonly flipY: boolean;
  },
  raw: Pixels,
  rawWidth: number,
): void {
  const { dataSection: to, detectorBox: from, flipX, flipY } = amplifier;
  for (let y = 0; y < to.height; y++) {
    const row = from.y0 + (flipY ? from.height - 1 - y : y);
    const target = (to.y0 + y) * rawWidth + to.x0;
    const source = row * detectorWidth + from.x0;
    for (let x = 0; x < to.width; x++) raw[target + x] = detector[source + (flipX ? to.width - 1 - x : x)]!;
  }
}
