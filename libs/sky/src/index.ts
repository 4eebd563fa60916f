export type * from './wcs-types.js';
