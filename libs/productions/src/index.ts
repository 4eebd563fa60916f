export * from './alert/characterize.js';
export * from './alert/combine-snaps.js';
export * from './alert/isr.js';
export * from './calibration/make-masters.js';
export * from './storage/index.js';
