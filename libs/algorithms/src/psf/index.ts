export * from './analytic.js';
export * from './fit-pixel-psf.js';
export * from './pixel-basis.js';
export * from './select-stars.js';
