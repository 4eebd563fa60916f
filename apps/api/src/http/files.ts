import { StreamableFile } from '@nestjs/common';

export const FITS_TYPE = 'application/fits';

export const fitsFile = (bytes: Uint8Array, name: string): StreamableFile =>
  new StreamableFile(bytes, { type: FITS_TYPE, disposition: `attachment; filename="${name}"`, length: bytes.length });

export const pngFile = (bytes: Uint8Array): StreamableFile =>
  new StreamableFile(bytes, { type: 'image/png', length: bytes.length });

const TYPES: Readonly<Record<string, string>> = { fits: FITS_TYPE, json: 'application/json' };

export const mediaTypeOf = (name: string): string => TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
