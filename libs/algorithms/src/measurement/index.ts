export * from './adaptive-moments.js';
export * from './apertures.js';
export * from './centroid.js';
export * from './forced.js';
export * from './measure-sources.js';
export * from './pixel-flags.js';
export * from './source-table.js';
