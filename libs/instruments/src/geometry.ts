// Amplifier geometry out of the headers of a multi-extension file.

import type { Amplifier } from './camera.js';
import type { FrameHeaders } from './description.js';
import { InstrumentError } from './errors.js';
import { parseSection } from './sections.js';

export interface GeometryOptions {
  /** section keyword for the pixels; DATASEC unless given */
  readonly dataKeyword?: string;
  /** DETSEC counts unbinned pixels from this corner (1-based, 0 for none) */
  readonly origin?: { readonly x: number; readonly y: number };
  readonly binning?: { readonly x: number; readonly y: number };
  readonly gain?: number;
  readonly readNoise?: number;
  readonly saturation?: number;
}

/** Every image HDU with DATASEC and DETSEC is an amplifier, in file order. */
export function amplifiersFromHeaders(frame: FrameHeaders, options: GeometryOptions = {}): Amplifier[] {
  const { dataKeyword = 'DATASEC', origin = { x: 0, y: 0 }, binning = { x: 1, y: 1 } } = options;
  return frame.hdus
    .filter(
      ({ header, shape }) =>
        shape.length === 2 && shape[0]! * shape[1]! > 0 && header.has('DETSEC') && header.has(dataKeyword),
    )
    .map(({ index, header, shape }): Amplifier => {
      const data = parseSection(header.get(dataKeyword), `${dataKeyword} of HDU ${index}`);
      const place = parseSection(header.get('DETSEC'), `DETSEC of HDU ${index}`);
      const [width, height] = shape as [number, number];
      if (data.box.x0 + data.box.width > width || data.box.y0 + data.box.height > height)
        throw new InstrumentError(
          'BAD_GEOMETRY',
          `${dataKeyword} of HDU ${index} reaches beyond its ${width} x ${height} pixels`,
          header.get(dataKeyword),
        );
      const detectorBox = {
        x0: (place.box.x0 - origin.x) / binning.x,
        y0: (place.box.y0 - origin.y) / binning.y,
        width: place.box.width / binning.x,
        height: place.box.height / binning.y,
      };
      if (
        detectorBox.width !== data.box.width ||
        detectorBox.height !== data.box.height ||
        !Number.isInteger(detectorBox.x0) ||
        !Number.isInteger(detectorBox.y0)
      )
        throw new InstrumentError(
          'BAD_GEOMETRY',
          `DETSEC of HDU ${index} does not hold the pixels of ${dataKeyword} at binning ${binning.x} x ${binning.y}`,
          header.get('DETSEC'),
        );
      return {
        name: header.getString('EXTNAME') ?? `amp${index}`,
        hdu: index,
        rawBox: { x0: 0, y0: 0, width, height },
        dataSection: data.box,
        ...(header.has('BIASSEC') && { biasSection: parseSection(header.get('BIASSEC'), 'BIASSEC').box }),
        ...(header.has('PRESEC') && { prescan: parseSection(header.get('PRESEC'), 'PRESEC').box }),
        detectorBox,
        // a section may run backwards on either side
        flipX: place.flipX !== data.flipX,
        flipY: place.flipY !== data.flipY,
        gain: header.getNumber('GAIN') ?? options.gain ?? 1,
        readNoise: header.getNumber('RDNOISE') ?? options.readNoise ?? 0,
        saturation: header.getNumber('SATURATE') ?? options.saturation ?? 65535,
      };
    });
}

/** The same amplifiers on a detector whose rows are counted from the other end. */
export const flipRows = (amplifiers: readonly Amplifier[], detectorHeight: number): Amplifier[] =>
  amplifiers.map((amplifier) => ({
    ...amplifier,
    detectorBox: {
      ...amplifier.detectorBox,
      y0: detectorHeight - amplifier.detectorBox.y0 - amplifier.detectorBox.height,
    },
    flipY: !amplifier.flipY,
  }));
