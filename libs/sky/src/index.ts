export type * from './wcs-types.js';
export * from './angles.js';
export * from './celestial-wcs.js';
export * from './errors.js';
export * from './plane-map.js';
export * from './projection.js';
export * from './wcs-header.js';
