// LSST camera sensors (ITL and e2v) as the camera test stand wrote them: 16 segments, DATASEC and DETSEC in each. Rows of the
// assembled detector are counted from the other end than in DETSEC, as in the LSST pipelines (obs_lsst, "itl_expected_assembled").
// BIASSEC is not written: the serial overscan is what follows DATASEC.

import { utcToTai } from '#libs/sky';
import type { Amplifier, Camera } from '../camera.js';
import type { FrameKind, Translator } from '../description.js';
import { amplifiersFromHeaders, flipRows } from '../geometry.js';
import { parseSection } from '../sections.js';
import { dayObsOf, mjdFromIso } from '../time.js';

const KINDS: Readonly<Record<string, FrameKind>> = { BIAS: 'bias', DARK: 'dark', FLAT: 'flat', SFLAT: 'flat' };
/** science rafts in the order of detector numbers; nine sensors each */
const RAFTS = 'R01 R02 R03 R10 R11 R12 R13 R14 R20 R21 R22 R23 R24 R30 R31 R32 R33 R34 R41 R42 R43'.split(' ');

export function lsstDetectorNumber(raft: string, slot: string): number {
  const index = RAFTS.indexOf(raft);
  const match = /^S([0-2])([0-2])$/.exec(slot);
  return index < 0 || !match ? 0 : 9 * index + 3 * Number(match[1]) + Number(match[2]);
}

export const lsstCamTranslator: Translator = {
  instrument: 'LSSTCam',
  recognises: ({ hdus }) => {
    const header = hdus[0]?.header;
    return (
      header?.get('TELESCOP') === 'LSST' &&
      /^lsst/i.test(header.getString('INSTRUME') ?? '') &&
      hdus.some((hdu) => hdu.header.getString('EXTNAME')?.startsWith('Segment') ?? false)
    );
  },
  translate(frame) {
    const header = frame.hdus[0]!.header;
    const segment = frame.hdus.find((hdu) => hdu.header.has('DETSIZE') && hdu.header.has('DATASEC'))!;
    const { width, height } = parseSection(segment.header.get('DETSIZE'), 'DETSIZE').box;
    const straight = amplifiersFromHeaders(frame, {
      gain: header.getNumber('CCDGAIN') ?? 1,
      readNoise: header.getNumber('CCDNOISE') ?? 0,
      saturation: 2 ** 18 - 1,
    });
    const amplifiers = flipRows(straight, height).map((amplifier): Amplifier => {
      const { rawBox, dataSection: data } = amplifier;
      const end = data.x0 + data.width;
      return {
        ...amplifier,
        biasSection: amplifier.biasSection ?? { x0: end, y0: data.y0, width: rawBox.width - end, height: data.height },
        ...(data.x0 > 0 && { prescan: { x0: 0, y0: data.y0, width: data.x0, height: data.height } }),
      };
    });
    const raft = header.getString('RAFTBAY') ?? '';
    const slot = header.getString('CCDSLOT') ?? '';
    const detector = {
      id: lsstDetectorNumber(raft, slot),
      name: `${raft}_${slot}`,
      width,
      height,
      pixelScale: 0.2,
      focalPlane: { x: 0, y: 0, rotationDeg: 0 },
      amplifiers,
      defects: [],
    };
    const camera: Camera = {
      name: 'LSSTCam',
      detectors: [detector],
      filters: { u: 'u', g: 'g', r: 'r', i: 'i', z: 'z', y: 'y' },
      observatory: { longitudeDeg: -70.749417, latitudeDeg: -30.244639, heightM: 2663, mpcCode: 'X05' },
    };
    const startUtc = mjdFromIso(header.get('DATE-OBS'));
    const exposureTime = header.getNumber('EXPTIME') ?? 0;
    const dayObs = Number(header.get('DAYOBS') ?? dayObsOf(startUtc));
    const filter = header.getString('FILTER')?.trim();
    const band = filter && /^[ugrizy](_|$)/.test(filter) ? filter[0]! : undefined;
    return {
      camera,
      detector,
      description: {
        instrument: camera.name,
        visit: BigInt(dayObs) * 100_000n + BigInt(header.requireNumber('SEQNUM')),
        dayObs,
        snap: 0,
        snapCount: 1,
        detector: detector.id,
        kind: KINDS[header.getString('IMGTYPE')?.trim() ?? ''] ?? 'science',
        ...(filter && { physicalFilter: filter }),
        ...(band && { band }),
        mjdMidTai: utcToTai(startUtc) + exposureTime / 2 / 86400,
        exposureTime,
      },
    };
  },
};
