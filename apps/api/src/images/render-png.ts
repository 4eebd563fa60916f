// Pixels as people look at them: limits from the noise and the bright end, an asinh stretch between (Lupton et al. 2004), north of the
// pixel frame up. NaN is grey.

import sharp from 'sharp';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

const SAMPLES = 20_000;
/** sky is put at this many sigma above black */
const BLACK_SIGMA = 2;
const WHITE_QUANTILE = 0.998;
/** white is at least so many sigma above the sky, so that an empty stamp looks empty */
const MINIMUM_WHITE_SIGMA = 8;
const BLANK = 90;

export interface Limits {
  readonly black: number;
  readonly white: number;
  readonly sigma: number;
}

/** Median and spread of the pixels, and where white begins. */
export function displayLimits({ data }: Pick<Pixels, 'data'>): Limits {
  const step = Math.max(1, Math.floor(data.length / SAMPLES));
  const sample: number[] = [];
  for (let i = 0; i < data.length; i += step) if (Number.isFinite(data[i])) sample.push(data[i]!);
  if (sample.length === 0) return { black: 0, white: 1, sigma: 1 };
  const sorted = Float64Array.from(sample).sort();
  const at = (fraction: number): number => sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))]!;
  const median = at(0.5);
  const deviations = sorted.map((value) => Math.abs(value - median)).sort();
  const mad = 1.4826 * deviations[deviations.length >> 1]!;
  const sigma = mad > 0 ? mad : Math.max((sorted.at(-1)! - sorted[0]!) / 10, Number.MIN_VALUE);
  return {
    black: median - BLACK_SIGMA * sigma,
    white: Math.max(at(WHITE_QUANTILE), median + MINIMUM_WHITE_SIGMA * sigma),
    sigma,
  };
}

/** 8-bit grey, first row at the top. */
export function stretch(pixels: Pixels, limits: Limits = displayLimits(pixels)): Uint8Array {
  const { width, height, data } = pixels;
  const { black, white, sigma } = limits;
  const softening = 3 * sigma;
  const scale = 255 / Math.asinh((white - black) / softening);
  const grey = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = data[x + width * y]!;
      const level = Number.isFinite(value) ? Math.asinh(Math.max(0, value - black) / softening) * scale : BLANK;
      grey[x + width * (height - 1 - y)] = Math.min(255, Math.round(level));
    }
  return grey;
}

/** Small images are enlarged by whole pixels to at least `minimum`, large ones reduced to at most `maximum`. */
export function renderPng(pixels: Pixels, size: { minimum?: number; maximum?: number } = {}): Promise<Buffer> {
  const { width, height } = pixels;
  const image = sharp(stretch(pixels), { raw: { width, height, channels: 1 } });
  const longest = Math.max(width, height);
  if (size.minimum !== undefined && longest < size.minimum) {
    const factor = Math.ceil(size.minimum / longest);
    image.resize(width * factor, height * factor, { kernel: 'nearest' });
  } else if (size.maximum !== undefined && longest > size.maximum) {
    image.resize({ width: size.maximum, height: size.maximum, fit: 'inside' });
  }
  return image.toColourspace('b-w').png({ compressionLevel: 6 }).toBuffer();
}
