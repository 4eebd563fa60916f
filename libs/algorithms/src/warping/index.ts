export * from './coordinate-grid.js';
export * from './lanczos.js';
export * from './sampled-psf.js';
export * from './warp-exposure.js';
