export * from './box.js';
export * from './exposure.js';
export * from './footprint.js';
export * from './mask.js';
export * from './photo-calib.js';
export * from './plane.js';
export * from './psf.js';
export * from './psf-registry.js';
