// Stored exposures by visit and detector: the file, its pixels, or a part of both.

import { encodeFits, type FitsFile, type HduInput, Header, openFits } from '#libs/fits';
import { hasWcs, wcsFromHeader } from '#libs/sky';
import { ApiError } from '../http/problem.js';
import type { Pixels } from './render-png.js';

export const IMAGE_TYPES = ['calexp', 'differenceExp', 'template'] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

const PLANES = ['IMAGE', 'MASK', 'VARIANCE'] as const;
const MAX_CUTOUT_PX = 2_048;

export interface CutoutRequest {
  readonly raDeg: number;
  readonly decDeg: number;
  /** side of the square [arcsec] */
  readonly sizeArcsec: number;
}

interface Rectangle {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

async function withFile<T>(bytes: Uint8Array, work: (file: FitsFile) => Promise<T>): Promise<T> {
  const file = await openFits(bytes);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** The pixels of the first image with any. */
export const readPixels = (bytes: Uint8Array): Promise<Pixels> =>
  withFile(bytes, async (file) => {
    const hdu = file.hdus.find(({ name }) => name === 'IMAGE') ?? file.hdus[0]!;
    const { shape, data } = await hdu.readImage();
    return { width: shape[0]!, height: shape[1]!, data: data as ArrayLike<number> };
  });

/** The part of an exposure around a position: image, mask and variance with the WCS of the part. Cut off at the edges of the detector. */
export const cutOut = async (bytes: Uint8Array, request: CutoutRequest): Promise<CutOut> => {
  const found = await cutRegion(bytes, (wcs, width, height) => {
    const centre = wcs.skyToPixel(request.raDeg, request.decDeg);
    return overlap(centre, request.sizeArcsec / wcs.pixelScaleArcsec() / 2, width, height);
  });
  if (!found)
    throw new ApiError(
      'OFF_IMAGE',
      'nothing of the square around this position lies on the image',
      [request.raDeg, request.decDeg],
      404,
    );
  return found;
};

/** The smallest part of an exposure that holds all of these positions (longitude and latitude in turn [deg]) as far as they lie on it. */
export const cutBox = (bytes: Uint8Array, positions: readonly number[]): Promise<CutOut | undefined> =>
  cutRegion(bytes, (wcs, width, height) => boundingBox(wcs, positions, width, height));

export interface CutOut {
  readonly hdus: readonly HduInput[];
  readonly fits: Uint8Array;
  readonly pixels: Pixels;
}

const cutRegion = (
  bytes: Uint8Array,
  regionOf: (wcs: Wcs, width: number, height: number) => Rectangle | undefined,
): Promise<CutOut | undefined> =>
  withFile(bytes, async (file) => {
    const { header } = file.hdu('IMAGE');
    if (!hasWcs(header)) throw new ApiError('NO_WCS', 'this image has no world coordinates', undefined, 409);
    const wcs = wcsFromHeader(header);
    const region = regionOf(wcs, Number(header.get('NAXIS1')), Number(header.get('NAXIS2')));
    if (!region) return undefined;
    const parts = await Promise.all(PLANES.map((name) => file.hdu(name).readImage({ region })));
    const own = new Header();
    wcs.shifted(region.x0, region.y0).writeTo(own);
    const shape = [region.width, region.height];
    const hdus = PLANES.map((name, i) => ({
      kind: 'image' as const,
      name,
      shape,
      data: parts[i]!.data,
      ...(i === 0 && { header: own }),
    }));
    const fits = encodeFits([{ kind: 'image', shape: [], data: new Uint8Array(0) }, ...hdus]);
    return {
      hdus,
      fits,
      pixels: { width: region.width, height: region.height, data: parts[0]!.data as ArrayLike<number> },
    };
  });

type Wcs = ReturnType<typeof wcsFromHeader>;

function boundingBox(wcs: Wcs, positions: readonly number[], width: number, height: number): Rectangle | undefined {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i + 1 < positions.length; i += 2) {
    const { x, y } = wcs.skyToPixel(positions[i]!, positions[i + 1]!);
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    [left, right, bottom, top] = [Math.min(left, x), Math.max(right, x), Math.min(bottom, y), Math.max(top, y)];
  }
  const [x0, y0] = [Math.max(0, Math.floor(left + 0.5)), Math.max(0, Math.floor(bottom + 0.5))];
  const [x1, y1] = [Math.min(width - 1, Math.floor(right + 0.5)), Math.min(height - 1, Math.floor(top + 0.5))];
  return x1 < x0 || y1 < y0 ? undefined : { x0, y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

function overlap(centre: { x: number; y: number }, half: number, width: number, height: number): Rectangle | undefined {
  if (!Number.isFinite(centre.x) || !Number.isFinite(centre.y)) return undefined;
  const limit = Math.min(half, MAX_CUTOUT_PX / 2);
  const x0 = Math.max(0, Math.round(centre.x - limit));
  const y0 = Math.max(0, Math.round(centre.y - limit));
  const x1 = Math.min(width - 1, Math.round(centre.x + limit));
  const y1 = Math.min(height - 1, Math.round(centre.y + limit));
  return x1 < x0 || y1 < y0 ? undefined : { x0, y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

export function cutoutRequest(ra?: string, dec?: string, size?: string): CutoutRequest {
  const number = (name: string, text: string | undefined, minimum: number, maximum: number): number => {
    const value = text === undefined || text === '' ? NaN : Number(text);
    if (!(value >= minimum && value <= maximum))
      throw new ApiError('BAD_REGION', `${name} must be a number from ${minimum} to ${maximum}`, text);
    return value;
  };
  return {
    raDeg: number('ra', ra, 0, 360),
    decDeg: number('dec', dec, -90, 90),
    sizeArcsec: number('size', size ?? '30', 0.1, 3_600),
  };
}
