// Footprints: which pixels a detection covers, as horizontal spans, with the peaks inside.

/** Pixels x0..x1 (both included) of row y. */
export interface Span {
  readonly y: number;
  readonly x0: number;
  readonly x1: number;
}

/** A local maximum of the detection image. `value` is in the units of that image (usually S/N). */
export interface Peak {
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

export interface Footprint {
  /** sorted by row, then column; spans of a row never touch */
  readonly spans: readonly Span[];
  /** brightest first */
  readonly peaks: readonly Peak[];
}

export const footprintArea = (footprint: Footprint): number =>
  footprint.spans.reduce((area, span) => area + span.x1 - span.x0 + 1, 0);
