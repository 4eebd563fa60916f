// LCO 1-m Sinistro cameras (fa01 ...): one detector, four amplifiers, raw multi-extension files. CCDSEC gives the part of the
// detector that was read, DETSEC the place of each quadrant in unbinned pixels.

import { wcsFromHeader, utcToTai } from '#libs/sky';
import type { Camera } from '../camera.js';
import type { FrameKind, Translator } from '../description.js';
import { amplifiersFromHeaders } from '../geometry.js';
import { parseSection } from '../sections.js';
import { dayObsOf, degreesFromSexagesimal, mjdFromIso } from '../time.js';

const KINDS: Readonly<Record<string, FrameKind>> = { BIAS: 'bias', DARK: 'dark', SKYFLAT: 'flat', LAMPFLAT: 'flat' };
const BANDS: Readonly<Record<string, string>> = {
  up: 'u',
  gp: 'g',
  rp: 'r',
  ip: 'i',
  zs: 'z',
  w: 'w',
  U: 'U',
  B: 'B',
  V: 'V',
  R: 'R',
  I: 'I',
};

export const lcoSinistroTranslator: Translator = {
  instrument: 'LCOSinistro',
  recognises: ({ hdus }) =>
    hdus[0]?.header.get('ORIGIN') === 'LCOGT' &&
    /^fa\d\d$/.test(hdus[0].header.getString('INSTRUME') ?? '') &&
    hdus.length > 4,
  translate(frame) {
    const header = frame.hdus[0]!.header;
    // "[1025:3072, 1025:3072]"
    const read = parseSection(header.requireString('CCDSEC').replace(/\s/g, ''), 'CCDSEC').box;
    const [binX, binY] = header.requireString('CCDSUM').trim().split(/\s+/).map(Number) as [number, number];
    const width = read.width / binX;
    const height = read.height / binY;
    const bare = amplifiersFromHeaders(frame, {
      origin: { x: read.x0, y: read.y0 },
      binning: { x: binX, y: binY },
      readNoise: header.getNumber('RDNOISE') ?? 0,
      saturation: header.getNumber('SATURATE') ?? 65535,
    });
    // CRSTLKij: signal of quadrant i that appears in quadrant j
    const amplifiers = bare.map((amplifier, victim) => ({
      ...amplifier,
      name: `Q${victim + 1}`,
      crosstalk: bare.map((_, source) => header.getNumber(`CRSTLK${source + 1}${victim + 1}`) ?? 0),
    }));
    const detector = {
      id: 0,
      name: header.getString('DETECTID') ?? 'CCD',
      width,
      height,
      pixelScale: header.requireNumber('PIXSCALE'),
      focalPlane: { x: 0, y: 0, rotationDeg: 0 },
      amplifiers,
      defects: [],
    };
    const camera: Camera = {
      name: 'LCOSinistro',
      detectors: [detector],
      filters: BANDS,
      observatory: {
        longitudeDeg: header.requireNumber('LONGITUD'),
        latitudeDeg: header.requireNumber('LATITUDE'),
        heightM: header.requireNumber('HEIGHT'),
        mpcCode: header.get('SITEID') === 'elp' ? 'V37' : '500',
      },
    };
    const startUtc = mjdFromIso(header.get('DATE-OBS'));
    const exposureTime = header.requireNumber('EXPTIME');
    const physicalFilter = header.requireString('FILTER').trim();
    const airmass = header.getNumber('AIRMASS');
    const dayObs = Number(header.get('DAY-OBS') ?? dayObsOf(startUtc));
    return {
      camera,
      detector,
      description: {
        instrument: camera.name,
        visit: BigInt(dayObs) * 100_000n + BigInt(header.requireNumber('FRAMENUM')),
        dayObs,
        snap: 0,
        snapCount: 1,
        detector: 0,
        kind: KINDS[header.requireString('OBSTYPE').trim()] ?? 'science',
        physicalFilter,
        band: BANDS[physicalFilter] ?? physicalFilter,
        mjdMidTai: utcToTai(startUtc) + exposureTime / 2 / 86400,
        exposureTime,
        boresightRaDeg: degreesFromSexagesimal(header.get('RA'), true, 'RA'),
        boresightDecDeg: degreesFromSexagesimal(header.get('DEC'), false, 'DEC'),
        rotationDeg: 0,
        ...(airmass !== undefined && { airmass }),
        wcs: wcsFromHeader(header),
      },
    };
  },
};
