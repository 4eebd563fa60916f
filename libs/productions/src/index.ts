export * from './alert/characterize.js';
export * from './alert/combine-snaps.js';
