import type { TaskPackage } from '#libs/pipeline';
import { associate } from './alert/associate.js';
import { calibrate } from './alert/calibrate.js';
import { characterize } from './alert/characterize.js';
import { combineSnaps } from './alert/combine-snaps.js';
import { detectAndMeasure } from './alert/detect-and-measure.js';
import { diaFeatures } from './alert/dia-features.js';
import { forcedPhotometry } from './alert/forced-photometry.js';
import { getTemplate } from './alert/get-template.js';
import { isr } from './alert/isr.js';
import { loadDiaCatalogs } from './alert/load-dia-catalogs.js';
import { scoreReality } from './alert/score-reality.js';
import { subtractImages } from './alert/subtract-images.js';
import { masterBias, masterDark, masterFlat } from './calibration/make-masters.js';
import { amplifierSky } from './frames/amplifier-sky.js';
import {
  characterizeStack,
  detectOnStacks,
  scoreStackDetections,
  subtractStacks,
} from './frames/difference-of-stacks.js';
import { rankDetections } from './frames/rank-detections.js';
import { stackByStars } from './frames/stack-by-stars.js';
import { stackOnSky } from './frames/stack-on-sky.js';
import { subtractSky } from './frames/subtract-sky.js';
import { assembleTemplate } from './templates/assemble-template.js';
import { makeWarp } from './templates/make-warp.js';

/** All Tasks of this library, for registries and worker threads (which load this module by its address). */
export const taskPackage: TaskPackage = {
  name: 'almagest',
  version: '0.1.0',
  tasks: [
    masterBias,
    masterDark,
    masterFlat,
    isr,
    combineSnaps,
    characterize,
    calibrate,
    makeWarp,
    assembleTemplate,
    getTemplate,
    subtractImages,
    detectAndMeasure,
    scoreReality,
    loadDiaCatalogs,
    associate,
    forcedPhotometry,
    diaFeatures,
    amplifierSky,
    subtractSky,
    stackByStars,
    stackOnSky,
    characterizeStack,
    subtractStacks,
    detectOnStacks,
    scoreStackDetections,
    rankDetections,
  ],
};

/** Address of this module, for thread pools. */
export const TASK_MODULE = import.meta.url;
