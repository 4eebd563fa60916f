export * from './basis.js';
export * from './convolve.js';
export * from './fit-kernel.js';
export * from './match-psfs.js';
export * from './matching-kernel.js';
export * from './normal-equations.js';
export * from './select-stamps.js';
