// A raw frame in memory: description, geometry and the amplifiers' pixels with prescan and overscan, not yet assembled.

import { encodeFits, type FitsFile, Header, type HduInput, openFits, type PixelData } from '#libs/fits';
import type { VisitInfo } from '#libs/image';
import { defineStorageClass } from '#libs/pipeline';
import type { Amplifier, Camera, Detector } from './camera.js';
import type { RawDescription, TranslatedFrame } from './description.js';
import { translateFrame } from './registry.js';

export type RawPixels = Uint16Array | Int32Array | Float32Array;

export interface RawAmplifier {
  readonly amplifier: Amplifier;
  /** of the whole raw array */
  readonly width: number;
  readonly height: number;
  /** [ADU], in the order of readout */
  readonly data: RawPixels;
  readonly header: Header;
}

export interface RawFrame {
  readonly description: RawDescription;
  readonly camera: Camera;
  readonly detector: Detector;
  readonly amplifiers: readonly RawAmplifier[];
  /** the file's primary header */
  readonly header: Header;
}

function rawPixels(data: PixelData): RawPixels {
  if (data instanceof Uint16Array || data instanceof Int32Array || data instanceof Float32Array) return data;
  if (data instanceof Int16Array || data instanceof Int8Array || data instanceof Uint8Array)
    return Int32Array.from(data);
  return Float32Array.from(data as Float64Array, Number);
}

async function withFile<T>(source: FitsFile | Uint8Array | string, use: (file: FitsFile) => Promise<T>): Promise<T> {
  if (typeof source !== 'string' && !(source instanceof Uint8Array)) return use(source);
  const file = await openFits(source);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** Description and geometry without reading pixels. */
export const describeFrame = (source: FitsFile | Uint8Array | string): Promise<TranslatedFrame> =>
  withFile(source, (file) => Promise.resolve(translateFrame(file)));

/** Reads a raw file: an open one, its bytes, or its path. */
export const readRaw = (source: FitsFile | Uint8Array | string): Promise<RawFrame> =>
  withFile(source, async (file) => {
    const { description, camera, detector } = translateFrame(file);
    const amplifiers: RawAmplifier[] = [];
    for (const amplifier of detector.amplifiers) {
      const hdu = file.hdu(amplifier.hdu);
      const { data, shape } = await hdu.readImage();
      amplifiers.push({ amplifier, width: shape[0]!, height: shape[1]!, data: rawPixels(data), header: hdu.header });
    }
    return { description, camera, detector, amplifiers, header: file.hdu(0).header };
  });

/** The bytes of the file that `readRaw` reads as this frame. */
export function encodeRawFrame(frame: RawFrame): Uint8Array {
  const hdus: HduInput[] = [];
  if (frame.amplifiers[0]?.amplifier.hdu !== 0)
    hdus.push({ kind: 'image', header: frame.header, shape: [], data: new Uint8Array(0) });
  for (const { amplifier, header, width, height, data } of frame.amplifiers) {
    // an extension between the amplifiers is kept as an empty one, so that their numbers stay
    while (hdus.length < amplifier.hdu)
      hdus.push({ kind: 'image', header: new Header(), shape: [], data: new Uint8Array(0) });
    hdus.push({ kind: 'image', header, shape: [width, height], data });
  }
  return encodeFits(hdus);
}

export const rawFrameStorageClass = defineStorageClass<RawFrame>({
  name: 'RawFrame',
  extension: '.fits',
  mediaType: 'application/fits',
  encode: encodeRawFrame,
  decode: readRaw,
});

/** What an exposure made from this frame should say about its observation. */
export function visitInfoOf({
  description,
  camera,
}: {
  readonly description: RawDescription;
  readonly camera: Camera;
}): VisitInfo {
  const { boresightRaDeg, boresightDecDeg, rotationDeg, airmass, physicalFilter } = description;
  const site = camera.observatory;
  return {
    instrument: description.instrument,
    visit: description.visit,
    detector: description.detector,
    band: description.band ?? '',
    ...(physicalFilter !== undefined && { physicalFilter }),
    midpointMjdTai: description.mjdMidTai,
    exposureTime: description.exposureTime,
    ...(airmass !== undefined && { airmass }),
    ...(boresightRaDeg !== undefined && { boresightRaDeg }),
    ...(boresightDecDeg !== undefined && { boresightDecDeg }),
    ...(rotationDeg !== undefined && { rotatorSkyDeg: rotationDeg }),
    ...(site && {
      observatory: { longitudeDeg: site.longitudeDeg, latitudeDeg: site.latitudeDeg, heightM: site.heightM },
      observatoryCode: site.mpcCode,
    }),
  };
}
