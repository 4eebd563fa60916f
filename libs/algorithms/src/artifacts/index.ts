export * from './cosmic-rays.js';
export * from './combine-snaps.js';
