// The number behind a pixel: a stamp's FITS is fetched when the pointer first comes over it, and fitsjs reads it in the browser.
// fitsjs is a script of the old kind: it puts `astro` on the window and knows no modules, so it is loaded as one.

import fitsjs from 'fitsjs/lib/fits.js?url';
import { h } from './dom.js';
import { stamp, stampUrl } from './stamps.js';

interface FitsImage {
  readonly width: number;
  readonly height: number;
  readonly bitpix: number;
  readonly bzero: number;
  readonly bscale: number;
  readonly frameOffsets: readonly { readonly buffers: readonly ArrayBuffer[] }[];
  _getFrame(buffer: ArrayBuffer, bitpix: number, bzero: number, bscale: number): ArrayLike<number>;
}
interface FitsFile {
  readonly hdus: readonly { readonly header: { get(key: string): unknown }; readonly data?: FitsImage }[];
}
interface Astro {
  /** `done` gets nothing when the address has no file */
  readonly FITS: new (url: string, done: (this: void, file: FitsFile | undefined) => void) => unknown;
}

let library: Promise<Astro> | undefined;

const loadLibrary = (): Promise<Astro> =>
  (library ??= new Promise((resolve, reject) => {
    const script = h('script', { src: fitsjs });
    script.addEventListener('load', () => resolve((window as unknown as { astro: Astro }).astro));
    script.addEventListener('error', () => reject(new Error('fitsjs could not be loaded')));
    document.head.append(script);
  }));

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly values: ArrayLike<number>;
  readonly unit: string;
}

async function pixelsOf(url: string): Promise<Pixels> {
  const { FITS } = await loadLibrary();
  const file = await new Promise<FitsFile | undefined>((resolve) => new FITS(url, resolve));
  const hdu = file?.hdus.find(({ data }) => data !== undefined && data.width > 1);
  const image = hdu?.data;
  if (!hdu || !image) throw new Error(`${url} has no image`);
  // its own `getFrame` would start a worker from text, which the page's security policy forbids and a stamp does not need
  const values = image._getFrame(image.frameOffsets[0]!.buffers[0]!, image.bitpix, image.bzero, image.bscale);
  const unit = hdu.header.get('BUNIT');
  return { width: image.width, height: image.height, values, unit: typeof unit === 'string' ? unit : '' };
}

/** A stamp with a caption that follows the pointer: pixel coordinates (0 is the first) and value. */
export function stampWithValues(diaSourceId: string, name: string, size: number): HTMLElement {
  const image = stamp(diaSourceId, name, size);
  const caption = h('figcaption', {}, name);
  let pixels: Promise<Pixels> | undefined;
  image.addEventListener('pointermove', (event) => {
    pixels ??= pixelsOf(stampUrl(diaSourceId, name, 'fits'));
    void pixels.then(
      ({ width, height, values, unit }) => {
        const box = image.getBoundingClientRect();
        const x = Math.floor(((event.clientX - box.left) / box.width) * width);
        // the first row of FITS is the lowest
        const y = height - 1 - Math.floor(((event.clientY - box.top) / box.height) * height);
        const value = values[y * width + x];
        if (value !== undefined)
          caption.textContent = `${name} (${x}, ${y}): ${Number.isFinite(value) ? value.toPrecision(5) : 'no value'} ${unit}`;
      },
      () => (caption.textContent = name),
    );
  });
  image.addEventListener('pointerleave', () => (caption.textContent = name));
  return h('figure', {}, image, caption);
}
