// Frames: one (visit, detector) or one (calibration frame, detector) is a pure function of the plan, so that the work can be
// divided over threads in any way without changing a bit.

import { detectorOf } from '#libs/instruments';
import { addCosmicRays, type AmplifierImage, bleed, darkMap, readOut, responseMap } from './detector-model.js';
import { opticalAxis } from './optics.js';
import { SimulationError } from './plan.js';
import type { CalibrationFrame, PlannedVisit, SurveyPlan } from './plan-types.js';
import { Random } from './random.js';
import { drawSources, sourcesAt } from './scene.js';

export interface RenderedFrame {
  readonly detector: number;
  readonly snap: number;
  readonly amplifiers: readonly AmplifierImage[];
}

/** Expected light of the fixed sky [e-/s/px] at a visit, without sky brightness and response. */
export function renderScene(plan: SurveyPlan, visit: PlannedVisit, detectorId: number): Float32Array {
  const detector = detectorOf(plan.camera, detectorId);
  const scene = new Float32Array(detector.width * detector.height);
  drawSources(scene, plan, visit, detector, sourcesAt(plan, visit.band, visit.midpointMjd, 'fixed'));
  return scene;
}

/** The raw snaps of one detector in one visit. */
export function renderVisit(plan: SurveyPlan, visitIndex: number, detectorId: number): RenderedFrame[] {
  const visit = plan.visits[visitIndex];
  if (!visit) throw new SimulationError('UNKNOWN_VISIT', `the plan has no visit ${visitIndex}`, visitIndex);
  const detector = detectorOf(plan.camera, detectorId);
  const { width, height } = detector;
  const scene = renderScene(plan, visit, detectorId);
  const response = responseMap(plan.camera, detector, visit.band);
  const dark = darkMap(detector);
  const axis = opticalAxis(detector);
  const slopeX = visit.skySlopeX / 1024;
  const slopeY = visit.skySlopeY / 1024;
  return visit.snapStartMjd.map((start, snap): RenderedFrame => {
    const random = new Random(plan.seed, 'snap', visitIndex, detectorId, snap);
    const seconds = visit.exposureTime;
    const moving = new Float32Array(width * height);
    drawSources(moving, plan, visit, detector, sourcesAt(plan, visit.band, start + seconds / 2 / 86400, 'moving'));
    const electrons = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      const rowSky = visit.sky + slopeY * (y - axis.y);
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const light = (scene[i]! + moving[i]! + rowSky + slopeX * (x - axis.x)) * response[i]!;
        electrons[i] = random.poisson((light + dark[i]!) * seconds);
      }
    }
    addCosmicRays(electrons, detector, seconds, random);
    bleed(electrons, detector);
    return { detector: detectorId, snap, amplifiers: readOut(electrons, detector, random) };
  });
}

/** Level of a flat at the centre of the field [e-]. */
const FLAT_LEVEL = 30_000;

export function renderCalibration(plan: SurveyPlan, frame: CalibrationFrame, detectorId: number): RenderedFrame {
  const detector = detectorOf(plan.camera, detectorId);
  const random = new Random(plan.seed, 'calibration', frame.index, detectorId);
  const n = detector.width * detector.height;
  const electrons = new Float32Array(n);
  if (frame.kind !== 'bias') {
    const dark = darkMap(detector);
    const response = frame.kind === 'flat' ? responseMap(plan.camera, detector, frame.band!) : undefined;
    const lamp = FLAT_LEVEL * (1 + 0.01 * random.normal());
    for (let i = 0; i < n; i++)
      electrons[i] = random.poisson(dark[i]! * frame.exposureTime + (response ? lamp * response[i]! : 0));
    addCosmicRays(electrons, detector, frame.exposureTime, random);
    bleed(electrons, detector);
  }
  return { detector: detectorId, snap: 0, amplifiers: readOut(electrons, detector, random) };
}

/** All calibration frames of all detectors, one after the other. */
export function* renderCalibrations(plan: SurveyPlan): Generator<{ frame: CalibrationFrame; image: RenderedFrame }> {
  for (const frame of plan.calibrations)
    for (const { id } of plan.camera.detectors) yield { frame, image: renderCalibration(plan, frame, id) };
}
