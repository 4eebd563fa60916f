import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '#libs/accounts';
import { encodeFits } from '#libs/fits';
import { outlineOf, type SodaRequest } from '#libs/vo';
import { type CutOut, cutBox, readPixels } from '../images/exposures.js';
import { renderPng } from '../images/render-png.js';
import { ObservedImages, type ObservedImage } from './observed-images.js';

export interface CutoutFile {
  readonly bytes: Uint8Array;
  readonly mime: string;
  readonly fileName: string;
}

const PREVIEW_PX = 1024;

/** Parts of images as SODA has them: every identifier with every shape. */
@Injectable()
export class Cutouts {
  constructor(@Inject(ObservedImages) private readonly images: ObservedImages) {}

  /** One file for each image and shape that overlap, in order. */
  async *each({ ids, shapes, format }: SodaRequest, caller: Caller): AsyncGenerator<CutoutFile> {
    for (const id of ids) {
      const image = await this.images.require(id, caller);
      const bytes = await this.images.bytes(image);
      if (shapes.length === 0) yield await whole(image, bytes, format);
      for (const [n, shape] of shapes.entries()) {
        const part = await cutBox(bytes, outlineOf(shape));
        if (part !== undefined) yield await fileOf(image, n, part, format);
      }
    }
  }

  /** All of them in one FITS file: IMAGE, MASK and VARIANCE of the first, of the second, ... (EXTVER 1, 2, ...). Undefined when nothing overlaps. */
  async together(request: SodaRequest, caller: Caller): Promise<CutoutFile | undefined> {
    if (request.ids.length === 1 && request.shapes.length < 2) {
      const { value } = await this.each(request, caller).next();
      return value as CutoutFile | undefined;
    }
    const hdus = [];
    let version = 0;
    for (const id of request.ids) {
      const bytes = await this.images.bytes(await this.images.require(id, caller));
      for (const shape of request.shapes) {
        const part = await cutBox(bytes, outlineOf(shape));
        if (part === undefined) continue;
        version++;
        hdus.push(...part.hdus.map((hdu) => ({ ...hdu, version })));
      }
    }
    if (hdus.length === 0) return undefined;
    return {
      bytes: encodeFits([{ kind: 'image', shape: [], data: new Uint8Array(0) }, ...hdus]),
      mime: 'application/fits',
      fileName: 'cutouts.fits',
    };
  }
}

const nameOf = ({ visit, detector, datasetType }: ObservedImage): string => `${visit}-${detector}-${datasetType}`;

async function whole(image: ObservedImage, bytes: Uint8Array, format: SodaRequest['format']): Promise<CutoutFile> {
  if (format === 'fits') return { bytes, mime: 'application/fits', fileName: `${nameOf(image)}.fits` };
  const png = await renderPng(await readPixels(bytes), { maximum: PREVIEW_PX });
  return { bytes: png, mime: 'image/png', fileName: `${nameOf(image)}.png` };
}

async function fileOf(
  image: ObservedImage,
  n: number,
  part: CutOut,
  format: SodaRequest['format'],
): Promise<CutoutFile> {
  const name = `${nameOf(image)}-cutout-${n + 1}`;
  if (format === 'fits') return { bytes: part.fits, mime: 'application/fits', fileName: `${name}.fits` };
  return {
    bytes: await renderPng(part.pixels, { minimum: 256, maximum: PREVIEW_PX }),
    mime: 'image/png',
    fileName: `${name}.png`,
  };
}
