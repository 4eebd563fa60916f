// A frame comes in: headers translated, bytes stored and registered, the sky it covers noted. Only then is it acknowledged.

import type { DataSource } from 'typeorm';
import {
  type AcknowledgedFrame,
  type FrameFacts,
  ingestRawFrame,
  type ObjectStorage,
  registerCoverage,
  registerStored,
} from '#libs/datastore';
import { describeFrame, rawFrameStorageClass, type TranslatedFrame } from '#libs/instruments';
import { CalibratedFrameStorage } from '#libs/productions';
import type { SkyPosition } from '#libs/sky';
import { collectionsOf } from './collections.js';
import { skymap } from './skymap.js';

export type Stage = 'raw' | 'calibrated';

export interface IngestedFrame extends AcknowledgedFrame {
  readonly frame: TranslatedFrame;
  readonly stage: Stage;
}

const SECONDS_PER_DAY = 86_400;
const MJD_1970 = 40_587;
/** the telescope may point this far from where it says [px of the detector] */
const POINTING_MARGIN_PX = 100;

/** MJD TAI as integer nanoseconds since 1970 TAI, exact to a microsecond. */
const nanoseconds = (mjdTai: number): bigint => BigInt(Math.round((mjdTai - MJD_1970) * SECONDS_PER_DAY * 1e6)) * 1000n;

const RAW_TYPES = {
  bias: 'rawBias',
  dark: 'rawDark',
  flat: 'rawFlat',
  science: 'raw',
  calibrated: 'calibratedFrame',
} as const;

/** Reads the headers of a file; throws the instrument's or the format's own error when they make no sense. */
export const describe = (bytes: Uint8Array): Promise<TranslatedFrame> => describeFrame(bytes);

function factsOf({ description, camera }: TranslatedFrame, stage: Stage): FrameFacts {
  const half = description.exposureTime / 2 / SECONDS_PER_DAY;
  return {
    instrument: description.instrument,
    visit: description.visit,
    snap: description.snap,
    detector: description.detector,
    stage,
    purpose: description.kind,
    band: description.band ?? '',
    physicalFilter: description.physicalFilter ?? '',
    day: description.dayObs,
    beginNs: nanoseconds(description.mjdMidTai - half),
    endNs: nanoseconds(description.mjdMidTai + half),
    exposureTime: description.exposureTime,
    ...(description.boresightRaDeg !== undefined && { raDeg: ((description.boresightRaDeg % 360) + 360) % 360 }),
    ...(description.boresightDecDeg !== undefined && { decDeg: description.boresightDecDeg }),
    ...(description.rotationDeg !== undefined && { rotatorDeg: description.rotationDeg }),
    expectedSnaps: description.snapCount,
    expectedDetectors: camera.detectors.map(({ id }) => id),
  };
}

function cornersOf({ description, detector }: TranslatedFrame): SkyPosition[] | undefined {
  const { wcs } = description;
  if (!wcs) return undefined;
  const [left, right] = [-POINTING_MARGIN_PX, detector.width + POINTING_MARGIN_PX];
  const [bottom, top] = [-POINTING_MARGIN_PX, detector.height + POINTING_MARGIN_PX];
  const corners = [
    wcs.pixelToSky(left, bottom),
    wcs.pixelToSky(right, bottom),
    wcs.pixelToSky(right, top),
    wcs.pixelToSky(left, top),
  ];
  return corners.every(({ raDeg, decDeg }) => Number.isFinite(raDeg) && Number.isFinite(decDeg)) ? corners : undefined;
}

/** Takes a frame in. May be repeated: the same bytes are the same frame. */
export async function ingestFrame(
  dataSource: DataSource,
  storage: ObjectStorage,
  bytes: Uint8Array,
  stage: Stage,
): Promise<IngestedFrame> {
  const frame = await describe(bytes);
  const { description } = frame;
  const acknowledged = await ingestRawFrame(dataSource, storage, bytes, factsOf(frame, stage));
  const { instrument, visit, snap, detector, kind, band } = description;
  const datasetType = RAW_TYPES[stage === 'calibrated' ? 'calibrated' : kind];
  const place = { visit: visit.toString(), snap, detector };
  const dataId =
    datasetType === 'raw' || datasetType === 'calibratedFrame'
      ? place
      : { instrument, ...place, ...(datasetType === 'rawFlat' && { band: band ?? '' }) };
  const {
    name: storageClass,
    extension,
    mediaType,
  } = stage === 'calibrated' ? CalibratedFrameStorage : rawFrameStorageClass;
  await registerStored(
    dataSource,
    { run: collectionsOf(instrument).raw, datasetType, dataId, storageClass, extension, mediaType },
    { key: acknowledged.storageKey, size: bytes.length, checksum: acknowledged.checksum },
  );
  const corners = kind === 'science' || kind === 'calibrated' ? cornersOf(frame) : undefined;
  if (corners && snap === 0)
    await registerCoverage(dataSource, { instrument, visit, detector, patches: skymap.findTractsPatches(corners) });
  return { ...acknowledged, frame, stage };
}
