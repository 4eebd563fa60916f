// Exposures in the sandbox: { width, height, image, mask, variance, info, photoCalib, metadata }. The WCS and PSF stay outside;
// an output that says `like: '<input>'` gets them, with the visit and calibration, from that input.

import type { Exposure } from '#libs/image';
import { describe, isRecord, ValueError } from './value-error.js';

export type PlainExposure = Omit<Exposure, 'wcs' | 'psf'>;

export function plainExposure(exposure: Exposure): PlainExposure {
  const { width, height, image, mask, variance, xy0, info, photoCalib, metadata } = exposure;
  return {
    width,
    height,
    image,
    mask,
    variance,
    ...(xy0 && { xy0 }),
    ...(info && { info }),
    ...(photoCalib && { photoCalib }),
    ...(metadata && { metadata }),
  };
}

const MAXIMUM_SIDE = 65_536;

function plane<T extends Float32Array | Int32Array>(
  name: string,
  value: unknown,
  count: number,
  make: (values: ArrayLike<number>) => T,
  zero: () => T,
): T {
  if (value === undefined || value === null) return zero();
  if (!ArrayBuffer.isView(value) || value instanceof BigInt64Array)
    throw new ValueError(`${name} must be a typed array, not ${describe(value)}`);
  const array = value as Float64Array;
  if (array.length !== count) throw new ValueError(`${name} has ${array.length} pixels; width x height is ${count}`);
  return make(array);
}

/** `inputs` are the exposures the Task was given, by connection. Throws ValueError with a sentence for the author of the Task. */
export function exposureFromPlain(value: unknown, inputs: Readonly<Record<string, Exposure>>): Exposure {
  if (!isRecord(value)) throw new ValueError(`an Exposure is { width, height, image }, not ${describe(value)}`);
  const { width, height, image, mask, variance, like, metadata } = value;
  for (const [name, side] of [
    ['width', width],
    ['height', height],
  ] as const)
    if (!Number.isSafeInteger(side) || (side as number) < 1 || (side as number) > MAXIMUM_SIDE)
      throw new ValueError(`${name} must be a whole number from 1 to ${MAXIMUM_SIDE}, not ${describe(side)}`);
  const size = { width: width as number, height: height as number };
  const count = size.width * size.height;
  if (image === undefined || image === null) throw new ValueError('an Exposure needs an image');
  const float = (values: ArrayLike<number>): Float32Array =>
    values instanceof Float32Array ? values : Float32Array.from(values);
  const int = (values: ArrayLike<number>): Int32Array =>
    values instanceof Int32Array ? values : Int32Array.from(values);
  const facts = metadataOf(metadata);
  return {
    ...inherited(like, size, inputs),
    ...size,
    image: plane('image', image, count, float, () => new Float32Array(count)),
    mask: plane('mask', mask, count, int, () => new Int32Array(count)),
    variance: plane('variance', variance, count, float, () => new Float32Array(count)),
    ...(facts && { metadata: facts }),
  };
}

function inherited(
  like: unknown,
  { width, height }: { readonly width: number; readonly height: number },
  inputs: Readonly<Record<string, Exposure>>,
): Partial<Exposure> {
  if (like === undefined || like === null) return {};
  const model = typeof like === 'string' && Object.hasOwn(inputs, like) ? inputs[like] : undefined;
  if (!model)
    throw new ValueError(
      `like: ${describe(like)} is no Exposure input (there are: ${Object.keys(inputs).join(', ') || 'none'})`,
    );
  if (model.width !== width || model.height !== height)
    throw new ValueError(
      `like: ${describe(like)} is ${model.width} x ${model.height}, the output ${width} x ${height}`,
    );
  const { xy0, info, wcs, psf, photoCalib, metadata } = model;
  return {
    ...(xy0 && { xy0 }),
    ...(info && { info }),
    ...(wcs && { wcs }),
    ...(psf && { psf }),
    ...(photoCalib && { photoCalib }),
    ...(metadata && { metadata }),
  };
}

function metadataOf(value: unknown): Exposure['metadata'] {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) throw new ValueError(`metadata must be an object, not ${describe(value)}`);
  for (const [key, one] of Object.entries(value))
    if (typeof one !== 'string' && typeof one !== 'boolean' && !(typeof one === 'number' && Number.isFinite(one)))
      throw new ValueError(`metadata.${key} must be text, a finite number or a boolean, not ${describe(one)}`);
  return value as Exposure['metadata'];
}
