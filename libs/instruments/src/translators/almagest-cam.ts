// The simulated camera: everything stands in the primary header.

import { cdMatrix, makeTanWcs, utcToTai } from '#libs/sky';
import { almagestCam } from '../almagest-cam.js';
import { detectorOf } from '../camera.js';
import type { FrameKind, Translator } from '../description.js';
import { InstrumentError } from '../errors.js';
import { parseSection } from '../sections.js';

const KINDS: Readonly<Record<string, FrameKind>> = { OBJECT: 'science', BIAS: 'bias', DARK: 'dark', FLAT: 'flat' };

export const almagestCamTranslator: Translator = {
  instrument: 'AlmagestCam',
  recognises: ({ hdus }) => hdus[0]?.header.get('INSTRUME') === 'AlmagestCam',
  translate({ hdus }) {
    const header = hdus[0]!.header;
    const size = parseSection(header.get('DETSIZE'), 'DETSIZE').box;
    const camera = almagestCam({ detectors: header.getNumber('NDETECT') ?? 2, size: size.width });
    const detector = detectorOf(camera, header.requireNumber('DETECTOR'));
    const imageType = header.requireString('IMGTYPE');
    const kind = KINDS[imageType];
    if (!kind) throw new InstrumentError('MISSING_KEYWORD', `IMGTYPE is ${imageType}, which is not known`, imageType);
    const physicalFilter = header.getString('FILTER');
    const band = physicalFilter === undefined ? undefined : camera.filters[physicalFilter];
    if (physicalFilter !== undefined && band === undefined)
      throw new InstrumentError('UNKNOWN_FILTER', `AlmagestCam has no filter ${physicalFilter}`, physicalFilter);
    const exposureTime = header.requireNumber('EXPTIME');
    const ra = header.getNumber('TELRA');
    const dec = header.getNumber('TELDEC');
    const rotation = header.getNumber('ROTPA') ?? 0;
    const airmass = header.getNumber('AIRMASS');
    return {
      camera,
      detector,
      description: {
        instrument: camera.name,
        visit: BigInt(header.requireNumber('VISIT')),
        dayObs: Number(header.get('DAYOBS')),
        snap: header.getNumber('SNAP') ?? 0,
        snapCount: header.getNumber('NSNAPS') ?? 1,
        detector: detector.id,
        kind,
        ...(physicalFilter !== undefined && { physicalFilter }),
        ...(band !== undefined && { band }),
        mjdMidTai: utcToTai(header.requireNumber('MJD-OBS')) + exposureTime / 2 / 86400,
        exposureTime,
        ...(ra !== undefined &&
          dec !== undefined && {
            boresightRaDeg: ra,
            boresightDecDeg: dec,
            rotationDeg: rotation,
            wcs: makeTanWcs({
              crpix: {
                x: (detector.width - 1) / 2 - detector.focalPlane.x,
                y: (detector.height - 1) / 2 - detector.focalPlane.y,
              },
              crvalRaDeg: ra,
              crvalDecDeg: dec,
              cd: cdMatrix(detector.pixelScale, rotation + detector.focalPlane.rotationDeg),
            }),
          }),
        ...(airmass !== undefined && { airmass }),
      },
    };
  },
};
