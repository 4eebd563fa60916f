export * from './coadd.js';
export * from './coadd-psf.js';
export * from './stack-accumulator.js';
