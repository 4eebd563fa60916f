import type { DitherMethod } from './dither.js';

export interface CompressionOptions {
  readonly type: 'RICE_1' | 'GZIP_1' | 'GZIP_2';
  /**
   * Floats only. The quantisation step is the noise of each tile divided by this; 16 unless given, which adds 0.2 %
   * to the noise. Negative: the step itself. 0: lossless (GZIP only).
   */
  readonly quantize?: number;
  /** SUBTRACTIVE_DITHER_2 keeps exact zeros; SUBTRACTIVE_DITHER_1 unless given */
  readonly dither?: DitherMethod;
  /** where the dither sequence begins, 1 to 10000; 1 unless given */
  readonly seed?: number;
  /** tile size, NAXIS1 first; rows unless given */
  readonly tile?: readonly number[];
}
