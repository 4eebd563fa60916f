// Calibrated single-CCD images of DECam from the community pipeline (InstCal), also after resampling: flat-fielded, often
// sky-subtracted, TPV WCS. DATE-OBS of a resampled image is that of the grid it was put on; the name of the exposure it came
// from (EXP_BN, c4d_YYMMDD_HHMMSS...) has the time of its own start and is believed first.

import { wcsFromHeader, utcToTai } from '#libs/sky';
import type { Header } from '#libs/fits';
import type { Camera } from '../camera.js';
import type { Translator } from '../description.js';
import { InstrumentError } from '../errors.js';
import { dayObsOf, mjdFromIso, visitFromTime } from '../time.js';

function startUtcOf(header: Header): number {
  const match = /^c4d_(\d\d)(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_/.exec(header.getString('EXP_BN') ?? '');
  if (!match) return mjdFromIso(header.get('DATE-OBS'));
  const [, year, month, day, hour, minute, second] = match;
  return mjdFromIso(`20${year}-${month}-${day}T${hour}:${minute}:${second}`, 'EXP_BN');
}

export const decamTranslator: Translator = {
  instrument: 'DECam',
  recognises: ({ hdus }) =>
    hdus.some(
      ({ header, shape }) =>
        shape.length === 2 &&
        (header.get('INSTRUME') === 'DECam' || /^DECAM/i.test(header.getString('FPA') ?? '')) &&
        header.getString('PROCTYPE')?.trim() === 'InstCal',
    ),
  translate(frame) {
    const hdu = frame.hdus.find(({ shape, header }) => shape.length === 2 && header.has('CCDNUM')) ?? frame.hdus[0]!;
    const { header, shape } = hdu;
    const [width, height] = shape as [number, number];
    const physicalFilter = header.requireString('FILTER');
    const band = /^([ugrizY]) /.exec(physicalFilter)?.[1]?.toLowerCase();
    if (!band)
      throw new InstrumentError('UNKNOWN_FILTER', `no band is known for filter ${physicalFilter}`, physicalFilter);
    const wcs = wcsFromHeader(header);
    const box = { x0: 0, y0: 0, width, height };
    const detector = {
      id: header.requireNumber('CCDNUM'),
      name: header.getString('DETPOS') ?? `CCD${header.requireNumber('CCDNUM')}`,
      width,
      height,
      pixelScale: wcs.pixelScaleArcsec(width / 2, height / 2),
      focalPlane: { x: 0, y: 0, rotationDeg: 0 },
      amplifiers: [
        {
          name: 'AB',
          hdu: hdu.index,
          rawBox: box,
          dataSection: box,
          detectorBox: box,
          flipX: false,
          flipY: false,
          gain: header.requireNumber('GAIN'),
          readNoise: header.requireNumber('RDNOISE'),
          saturation: header.getNumber('ESATUR') ?? header.requireNumber('SATURATE'),
        },
      ],
      defects: [],
    };
    const camera: Camera = {
      name: 'DECam',
      detectors: [detector],
      filters: { [physicalFilter]: band },
      observatory: { longitudeDeg: -70.80653, latitudeDeg: -30.169661, heightM: 2207, mpcCode: 'W84' },
    };
    const startUtc = startUtcOf(header);
    const exposureTime = header.requireNumber('EXPTIME');
    const airmass = header.getNumber('AIRMASS');
    const ra = header.getNumber('RA_EXP');
    const dec = header.getNumber('DEC_EXP');
    return {
      camera,
      detector,
      description: {
        instrument: camera.name,
        visit: visitFromTime(startUtc),
        dayObs: dayObsOf(startUtc),
        snap: 0,
        snapCount: 1,
        detector: detector.id,
        kind: 'calibrated',
        physicalFilter,
        band,
        mjdMidTai: utcToTai(startUtc) + exposureTime / 2 / 86400,
        exposureTime,
        ...(ra !== undefined && dec !== undefined && { boresightRaDeg: ra, boresightDecDeg: dec }),
        ...(airmass !== undefined && { airmass }),
        wcs,
      },
    };
  },
};
