export * from './assemble-template.js';
export * from './make-warp.js';
export * from './skymap-config.js';
