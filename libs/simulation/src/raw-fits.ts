// Raw frames as the telescope writes them: one file per detector and snap, an HDU per amplifier, times in UTC.

import { encodeFits, Header, type HduInput } from '#libs/fits';
import { formatSection, plainSection } from '#libs/instruments';
import { TAI_MINUS_UTC } from './plan.js';
import type { CalibrationFrame, PlannedVisit, SurveyPlan } from './plan-types.js';
import type { RenderedFrame } from './render.js';

interface RawFacts {
  readonly visit: string;
  readonly dayObs: number;
  readonly sequence: number;
  readonly startMjd: number;
  readonly exposureTime: number;
  readonly imageType: string;
  readonly snaps: number;
  readonly physicalFilter: string | null;
  readonly pointing?: { readonly raDeg: number; readonly decDeg: number; readonly rotationDeg: number };
  readonly airmass?: number;
}

const isoOf = (mjdUtc: number): string =>
  new Date(Math.round((mjdUtc - 40587) * 86_400_000)).toISOString().slice(0, 23);

/** MJD to 1e-9 day (0.1 ms): free of the last digits of binary arithmetic. */
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

function encodeRaw(plan: SurveyPlan, facts: RawFacts, frame: RenderedFrame): Uint8Array {
  const detector = plan.camera.detectors.find(({ id }) => id === frame.detector)!;
  const site = plan.camera.observatory!;
  const startUtc = facts.startMjd - TAI_MINUS_UTC;
  const primary = Header.of([
    ['ORIGIN', 'Almagest', 'simulated'],
    ['TELESCOP', 'Almagest Survey Telescope'],
    ['INSTRUME', plan.camera.name],
    ['VISIT', Number(facts.visit), 'day * 100000 + sequence number'],
    ['SNAP', frame.snap, 'exposure within the visit, from 0'],
    ['NSNAPS', facts.snaps, 'exposures of the visit'],
    ['DETECTOR', frame.detector],
    ['DETNAME', detector.name],
    ['NDETECT', plan.camera.detectors.length, 'detectors of the camera'],
    ['DAYOBS', String(facts.dayObs)],
    ['SEQNUM', facts.sequence],
    ['IMGTYPE', facts.imageType],
    ...(facts.physicalFilter === null ? [] : ([['FILTER', facts.physicalFilter]] as const)),
    ['EXPTIME', facts.exposureTime, '[s] open shutter'],
    ['TIMESYS', 'UTC'],
    ['DATE-OBS', isoOf(startUtc), 'start of the exposure'],
    ['MJD-OBS', rounded(startUtc, 9), '[d] start of the exposure'],
    ...(facts.pointing
      ? ([
          ['RADESYS', 'ICRS'],
          ['TELRA', rounded(facts.pointing.raDeg, 7), '[deg] telescope pointing'],
          ['TELDEC', rounded(facts.pointing.decDeg, 7), '[deg] telescope pointing'],
          ['ROTPA', facts.pointing.rotationDeg, '[deg] position angle of the y axis'],
        ] as const)
      : []),
    ...(facts.airmass === undefined ? [] : ([['AIRMASS', rounded(facts.airmass, 4)]] as const)),
    ['OBS-LONG', site.longitudeDeg, '[deg] east'],
    ['OBS-LAT', site.latitudeDeg, '[deg]'],
    ['OBS-ELEV', site.heightM, '[m]'],
    ['DETSIZE', `[1:${detector.width},1:${detector.height}]`],
  ]);
  const extensions = frame.amplifiers.map(({ amplifier, width, height, data }): HduInput => {
    const header = Header.of([
      ['CCDSUM', '1 1'],
      ['DATASEC', formatSection(plainSection(amplifier.dataSection)), 'pixels'],
      ['BIASSEC', formatSection(plainSection(amplifier.biasSection!)), 'overscan'],
      ['PRESEC', formatSection(plainSection(amplifier.prescan!)), 'prescan'],
      [
        'DETSEC',
        formatSection({ box: amplifier.detectorBox, flipX: amplifier.flipX, flipY: amplifier.flipY }),
        'place on the detector',
      ],
      ['DETSIZE', `[1:${detector.width},1:${detector.height}]`],
      ['GAIN', amplifier.gain, '[e-/ADU]'],
      ['RDNOISE', amplifier.readNoise, '[e-]'],
      ['SATURATE', amplifier.saturation, '[ADU] above bias'],
    ]);
    return { kind: 'image', name: amplifier.name, header, shape: [width, height], data };
  });
  return encodeFits([{ kind: 'image', header: primary, shape: [], data: new Uint8Array(0) }, ...extensions]);
}

export const visitFileName = (visit: PlannedVisit, detector: number, snap: number): string =>
  `almagest_${visit.visit}_d${detector}_s${snap}.fits`;
export const calibrationFileName = (frame: CalibrationFrame, detector: number): string =>
  `${frame.name}_d${detector}.fits`;

export function encodeVisitFrame(plan: SurveyPlan, visit: PlannedVisit, frame: RenderedFrame): Uint8Array {
  return encodeRaw(
    plan,
    {
      visit: visit.visit,
      dayObs: visit.dayObs,
      sequence: visit.sequence,
      startMjd: visit.snapStartMjd[frame.snap]!,
      exposureTime: visit.exposureTime,
      imageType: 'OBJECT',
      snaps: visit.snapStartMjd.length,
      physicalFilter: visit.physicalFilter,
      pointing: {
        raDeg: visit.telescopeRaDeg,
        decDeg: visit.telescopeDecDeg,
        rotationDeg: visit.telescopeRotationDeg,
      },
      airmass: visit.airmass,
    },
    frame,
  );
}

export function encodeCalibrationFrame(plan: SurveyPlan, frame: CalibrationFrame, image: RenderedFrame): Uint8Array {
  return encodeRaw(plan, { ...frame, imageType: frame.kind.toUpperCase(), snaps: 1 }, image);
}
