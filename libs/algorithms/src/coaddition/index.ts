export * from './alignment-stars.js';
export * from './coadd.js';
export * from './coadd-psf.js';
export * from './hot-pixels.js';
export * from './stack-accumulator.js';
export * from './stack-exposures.js';
