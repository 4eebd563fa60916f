export * from './basis.js';
export * from './fit-kernel.js';
export * from './matching-kernel.js';
export * from './normal-equations.js';
export * from './solve.js';
