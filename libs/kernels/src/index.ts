export * from './context.js';
export * from './errors.js';
export type { BandPass, KernelJob } from './job.js';
export { type KernelAllocator, KernelArena, reservedBytes } from './memory.js';
export type { SharedMemory } from './webassembly.js';
export * from './convolve-separable.js';
export * from './reference/convolve-separable.js';
