export * from './assignment.js';
export * from './associate-visit.js';
export * from './match.js';
export * from './sky-grid.js';
export * from './solar-system.js';
