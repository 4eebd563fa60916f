export * from './almagest-cam.js';
export * from './camera.js';
export * from './errors.js';
export * from './sections.js';
