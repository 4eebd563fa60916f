// The file form of exposures: FITS with IMAGE, MASK and VARIANCE and, as JSON in an image of bytes, what headers cannot hold
// (PSF model, visit, calibration). The WCS stands in the IMAGE header, where every FITS reader finds it.
import { encodeFits, Header, openFits } from '#libs/fits';
import { type Exposure, type PhotoCalib, type PsfRecord, restorePsf, type VisitInfo } from '#libs/image';
import { defineStorageClass, type StorageClass } from '#libs/pipeline';
import { hasWcs, wcsFromHeader } from '#libs/sky';

interface Facts {
  readonly info?: Omit<VisitInfo, 'visit'> & { readonly visit: string };
  readonly xy0?: { readonly x: number; readonly y: number };
  readonly photoCalib?: PhotoCalib;
  readonly metadata?: Exposure['metadata'];
  readonly psf?: PsfRecord;
}

export const ExposureStorage: StorageClass<Exposure> = defineStorageClass({
  name: 'Exposure',
  extension: '.fits',
  mediaType: 'application/fits',
  encode(exposure) {
    const { width, height, image, mask, variance, info, xy0, photoCalib, metadata, psf, wcs } = exposure;
    const header = new Header();
    wcs?.writeTo(header);
    const facts: Facts = {
      ...(info && { info: { ...info, visit: info.visit.toString() } }),
      ...(xy0 && { xy0 }),
      ...(photoCalib && { photoCalib }),
      ...(metadata && { metadata }),
      ...(psf && { psf: psf.toJSON() }),
    };
    const json = new TextEncoder().encode(JSON.stringify(facts));
    const shape = [width, height];
    return encodeFits([
      { kind: 'image', shape: [], data: new Uint8Array(0) },
      { kind: 'image', name: 'IMAGE', shape, data: image, header },
      { kind: 'image', name: 'MASK', shape, data: mask },
      { kind: 'image', name: 'VARIANCE', shape, data: variance },
      { kind: 'image', name: 'FACTS', shape: [json.length], data: json },
    ]);
  },
  async decode(bytes) {
    const file = await openFits(bytes);
    const [image, mask, variance, json] = await Promise.all(
      ['IMAGE', 'MASK', 'VARIANCE', 'FACTS'].map((name) => file.hdu(name).readImage()),
    );
    const { header } = file.hdu('IMAGE');
    await file.close();
    const facts = JSON.parse(new TextDecoder().decode(json!.data as Uint8Array)) as Facts;
    const { info, psf, ...rest } = facts;
    return {
      width: image!.shape[0]!,
      height: image!.shape[1]!,
      image: image!.data as Float32Array,
      mask: mask!.data as Int32Array,
      variance: variance!.data as Float32Array,
      ...rest,
      ...(info && { info: { ...info, visit: BigInt(info.visit) } }),
      ...(hasWcs(header) && { wcs: wcsFromHeader(header) }),
      ...(psf && { psf: restorePsf(psf) }),
    };
  },
});
