export * from './light-curve.js';
export * from './mean-position.js';
export * from './shape.js';
