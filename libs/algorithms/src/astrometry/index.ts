export * from './fit-wcs.js';
export * from './proper-motion.js';
