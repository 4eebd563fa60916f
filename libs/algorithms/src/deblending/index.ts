export * from './psf-fit.js';
