// The file form of an Exposure: FITS with IMAGE, MASK and VARIANCE extensions of the same size and a JSON extension (bytes of
// UTF-8 text) for what headers cannot hold (visit facts, PSF, calibration). Lossless: floats stay floats, NaN included.
// The WCS is in the headers of all three planes, the bit numbers of the mask planes as MP_* keywords, main facts in the primary.

import { encodeFits, Header, openFits, type HduInput } from '#libs/fits';
import { hasWcs, wcsFromHeader } from '#libs/sky';
import type { Exposure, VisitInfo } from './exposure.js';
import { MaskBit } from './mask.js';
import type { PhotoCalib } from './photo-calib.js';
import { restorePsf } from './psf-registry.js';
import type { PsfRecord } from './psf.js';

export class ExposureFileError extends Error {
  override readonly name = 'ExposureFileError';
  constructor(
    readonly code: 'NOT_AN_EXPOSURE' | 'SIZE_MISMATCH',
    message: string,
  ) {
    super(message);
  }
}

interface ExposureRecord {
  readonly info?: Omit<VisitInfo, 'visit'> & { readonly visit: string };
  readonly psf?: PsfRecord;
  readonly photoCalib?: PhotoCalib;
  readonly xy0?: { readonly x: number; readonly y: number };
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

/** The FITS file of an exposure. */
export function encodeExposure(exposure: Exposure): Uint8Array {
  const { width, height, info, wcs, psf, photoCalib, xy0, metadata } = exposure;
  const shape = [width, height];
  const plane = (name: string, data: Float32Array | Int32Array, unit: string | undefined): HduInput => {
    const header = new Header();
    if (unit !== undefined) header.set('BUNIT', unit);
    wcs?.writeTo(header);
    if (name === 'MASK')
      for (const [bit, value] of Object.entries(MaskBit)) header.set(`MP_${bit}`, 31 - Math.clz32(value));
    return { kind: 'image', name, header, shape, data };
  };
  const record: ExposureRecord = {
    ...(info && { info: { ...info, visit: info.visit.toString() } }),
    ...(psf && { psf: psf.toJSON() }),
    ...(photoCalib && { photoCalib }),
    ...(xy0 && { xy0 }),
    ...(metadata && { metadata }),
  };
  const json = new TextEncoder().encode(JSON.stringify(record));
  return encodeFits([
    { kind: 'image', header: primaryHeader(exposure), shape: [], data: new Uint8Array(0) },
    plane('IMAGE', exposure.image, photoCalib?.scale === 1 ? 'nJy' : 'electron'),
    plane('MASK', exposure.mask, undefined),
    plane('VARIANCE', exposure.variance, photoCalib?.scale === 1 ? 'nJy**2' : 'electron**2'),
    { kind: 'image', name: 'JSON', shape: [json.length], data: json },
  ]);
}

function primaryHeader({ info, photoCalib, metadata }: Exposure): Header {
  const header = new Header();
  header.set('ORIGIN', 'Almagest');
  if (info) {
    header.set('INSTRUME', info.instrument);
    header.set('VISIT', info.visit);
    header.set('DETECTOR', info.detector);
    header.set('BAND', info.band);
    if (info.physicalFilter !== undefined) header.set('FILTER', info.physicalFilter);
    header.set('EXPTIME', info.exposureTime, '[s]');
    header.set('TIMESYS', 'TAI');
    header.set('MJD-AVG', info.midpointMjdTai, '[d] middle of the exposure');
    if (info.airmass !== undefined) header.set('AIRMASS', info.airmass);
  }
  if (photoCalib) {
    header.set('FLUXSCAL', photoCalib.scale, '[nJy/e-] calibration');
    header.set('FLUXSERR', photoCalib.scaleErr, '[nJy/e-] its error');
  }
  for (const [key, value] of Object.entries(metadata ?? {}))
    if (/^[A-Z0-9_-]{1,8}$/.test(key) && !header.has(key) && canBeCard(value)) header.set(key, value);
  return header;
}

/** Whether a header can hold it; the JSON extension holds the rest. */
const canBeCard = (value: string | number | boolean): boolean =>
  typeof value === 'string' ? /^[\x20-\x7e]*$/.test(value) : Math.abs(Number(value)) !== Infinity;

/**
 * Reads an exposure back; its PSF needs the code of its model loaded (`restorePsf`).
 * @throws ExposureFileError when the planes are missing or differ in size; FitsError for a broken file
 */
export async function decodeExposure(bytes: Uint8Array): Promise<Exposure> {
  const file = await openFits(bytes);
  const names = new Set(file.hdus.map((hdu) => hdu.name));
  for (const name of ['IMAGE', 'MASK', 'VARIANCE'])
    if (!names.has(name))
      throw new ExposureFileError(
        'NOT_AN_EXPOSURE',
        `the file has no ${name} extension; it has ${[...names].join(', ')}`,
      );
  const imageHdu = file.hdu('IMAGE');
  const image = await imageHdu.readImageAsFloat32();
  const mask = await file.hdu('MASK').readImage();
  const variance = await file.hdu('VARIANCE').readImageAsFloat32();
  const [width, height] = image.shape;
  for (const other of [mask, variance])
    if (image.shape.length !== 2 || other.shape[0] !== width || other.shape[1] !== height)
      throw new ExposureFileError(
        'SIZE_MISMATCH',
        `the planes differ in size: ${image.shape.join(' x ')} and ${other.shape.join(' x ')}`,
      );
  let record: ExposureRecord = {};
  if (names.has('JSON')) {
    const json = (await file.hdu('JSON').readImage()).data;
    record = JSON.parse(new TextDecoder().decode(Uint8Array.from(json as Uint8Array))) as ExposureRecord;
  }
  const { info, psf, photoCalib, xy0, metadata } = record;
  return {
    width: width!,
    height: height!,
    image: image.data,
    mask: mask.data instanceof Int32Array ? mask.data : Int32Array.from(mask.data as Float32Array),
    variance: variance.data,
    ...(hasWcs(imageHdu.header) && { wcs: wcsFromHeader(imageHdu.header) }),
    ...(info && { info: { ...info, visit: BigInt(info.visit) } }),
    ...(psf && { psf: restorePsf(psf) }),
    ...(photoCalib && { photoCalib }),
    ...(xy0 && { xy0 }),
    ...(metadata && { metadata }),
  };
}
