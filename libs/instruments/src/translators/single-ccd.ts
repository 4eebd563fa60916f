// Frames of one amplifier in the primary HDU, as small observatories and amateurs write them (SBFITSEXT keywords: IMAGETYP,
// PEDESTAL, XPIXSZ; IRAF keywords: BIASSEC, TRIMSEC). The last translator asked.

import { hasWcs, wcsFromHeader, utcToTai } from '#libs/sky';
import type { Amplifier, Camera } from '../camera.js';
import type { FrameKind, Translator } from '../description.js';
import { parseSection } from '../sections.js';
import { dayObsOf, mjdFromIso, visitFromTime } from '../time.js';

/** What headers of known cameras leave out. Orion SSDSI: Sony ICX285 sensor, full well 18,000 e- over 16 bits. */
const FACTS: Readonly<Record<string, { gain: number; readNoise: number; band: string }>> = {
  'Orion SSDSI': { gain: 0.27, readNoise: 7, band: 'B' },
};

const kindOf = (imageType: string): FrameKind =>
  /bias/i.test(imageType) ? 'bias' : /dark/i.test(imageType) ? 'dark' : /flat/i.test(imageType) ? 'flat' : 'science';

export const singleCcdTranslator: Translator = {
  instrument: 'SingleCCD',
  recognises: ({ hdus }) => {
    const first = hdus[0];
    return first?.shape.length === 2 && first.header.has('DATE-OBS') && !first.header.has('DETSEC');
  },
  translate({ hdus }) {
    const { header, shape } = hdus[0]!;
    const [rawWidth, rawHeight] = shape as [number, number];
    const named = header.getString('INSTRUME')?.trim() || 'unnamed camera';
    const facts = FACTS[named];
    // collections and storage keys carry the name: letters, digits, dashes
    const instrument = named.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'unnamed-camera';
    const trim = ['TRIMSEC', 'DATASEC'].find((keyword) => typeof header.get(keyword) === 'string');
    const dataSection = trim
      ? parseSection(header.get(trim), trim).box
      : { x0: 0, y0: 0, width: rawWidth, height: rawHeight };
    const pedestal = header.getNumber('PEDESTAL');
    const amplifier: Amplifier = {
      name: 'A',
      hdu: 0,
      rawBox: { x0: 0, y0: 0, width: rawWidth, height: rawHeight },
      dataSection,
      ...(typeof header.get('BIASSEC') === 'string' && {
        biasSection: parseSection(header.get('BIASSEC'), 'BIASSEC').box,
      }),
      detectorBox: { x0: 0, y0: 0, width: dataSection.width, height: dataSection.height },
      flipX: false,
      flipY: false,
      ...(pedestal !== undefined && { biasLevel: -pedestal }),
      gain: header.getNumber('GAIN') ?? facts?.gain ?? 1,
      readNoise: header.getNumber('RDNOISE') ?? facts?.readNoise ?? 0,
      saturation: header.getNumber('SATURATE') ?? 65535 + (pedestal ?? 0),
    };
    const detector = {
      id: 0,
      name: header.getString('DETECTOR') ?? 'CCD',
      width: dataSection.width,
      height: dataSection.height,
      pixelScale: header.getNumber('PIXSCALE') ?? 1,
      focalPlane: { x: 0, y: 0, rotationDeg: 0 },
      amplifiers: [amplifier],
      defects: [],
    };
    const physicalFilter = header.getString('FILTER')?.trim() || facts?.band || 'open';
    const camera: Camera = { name: instrument, detectors: [detector], filters: { [physicalFilter]: physicalFilter } };
    const date = header.getString('DATE-OBS') ?? '';
    const clock = ['UT', 'UTSTART', 'TIME-OBS'].map((keyword) => header.getString(keyword)).find(Boolean);
    const startUtc = mjdFromIso(date.includes('T') ? date : `${date.trim()}T${clock ?? '00:00:00'}`);
    const exposureTime = header.getNumber('EXPTIME') ?? header.getNumber('EXPOSURE') ?? 0;
    const airmass = header.getNumber('AIRMASS');
    return {
      camera,
      detector,
      description: {
        instrument,
        visit: visitFromTime(startUtc),
        dayObs: dayObsOf(startUtc),
        snap: 0,
        snapCount: 1,
        detector: 0,
        kind: kindOf(header.getString('IMAGETYP') ?? header.getString('OBSTYPE') ?? ''),
        physicalFilter,
        band: physicalFilter,
        mjdMidTai: utcToTai(startUtc) + exposureTime / 2 / 86400,
        exposureTime,
        ...(airmass !== undefined && { airmass }),
        ...(hasWcs(header) && { wcs: wcsFromHeader(header) }),
      },
    };
  },
};
