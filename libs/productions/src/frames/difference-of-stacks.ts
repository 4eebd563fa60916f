// The difference-imaging Tasks of alert production for stacks: the same work per (instrument, detector, band) instead of per visit.
import { defineTask } from '#libs/pipeline';
import { characterize } from '../alert/characterize.js';
import { detectAndMeasure } from '../alert/detect-and-measure.js';
import { scoreReality } from '../alert/score-reality.js';
import { subtractImages } from '../alert/subtract-images.js';

const perField = { dimensions: ['instrument', 'detector', 'band'] as const };

export const characterizeStack = defineTask({ ...characterize, name: 'characterizeStack', ...perField });
export const subtractStacks = defineTask({ ...subtractImages, name: 'subtractStacks', ...perField });
export const detectOnStacks = defineTask({ ...detectAndMeasure, name: 'detectOnStacks', ...perField });
export const scoreStackDetections = defineTask({ ...scoreReality, name: 'scoreStackDetections', ...perField });
