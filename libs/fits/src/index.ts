export type * from './header.js';
