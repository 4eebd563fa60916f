export * from './detect.js';
export * from './footprints.js';
export * from './peaks.js';
export * from './significance.js';
