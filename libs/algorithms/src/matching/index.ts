export * from './affine.js';
export * from './match.js';
export * from './pattern-match.js';
export * from './plane-grid.js';
export * from './triangles.js';
