export * from './amplifier-sky.js';
export * from './calibrated-frame-storage.js';
export * from './difference-of-stacks.js';
export * from './rank-detections.js';
export * from './stack-by-stars.js';
export * from './stack-on-sky.js';
export * from './subtract-sky.js';
