export * from './context.js';
export * from './errors.js';
export type { BandPass, KernelJob } from './job.js';
export { type KernelAllocator, KernelArena, reservedBytes } from './memory.js';
export type { SharedMemory } from './webassembly.js';
export type { KernelArray } from './workspace.js';

export { byteSwap, type ByteSwap } from './byte-swap.js';
export { solveSymmetric, type SymmetricSystem } from './cholesky.js';
export { type ComponentOptions, type Components, findComponents } from './components.js';
export { convolveDense, type DenseConvolution, type DenseKernel, type VaryingKernel } from './convolve-dense.js';
export { convolveSeparable, type Edge, type SeparableConvolution } from './convolve-separable.js';
export { type ComplexPlanes, fft2d, halfSpectrumWidth, inverseRealFft2d, multiplySpectra, realFft2d } from './fft.js';
export { lanczos, type LanczosOrder, lanczosTable } from './lanczos.js';
export { medianFilter, type MedianFilter } from './median-filter.js';
export { meshEdges, type MeshOptions, meshStatistics, type MeshStatistics } from './mesh.js';
export { type LeastSquares, normalEquations, type NormalEquations } from './normal-equations.js';
export { type ImagePlanes, type PositionGrid, resample, type Resampling } from './resample.js';
export { stackPlanes, type StackOptions, type StackTarget } from './stack.js';

// what the kernels are held against, in plain TypeScript
export { byteSwap32Reference, byteSwapReference } from './reference/byte-swap.js';
export { solveSymmetricReference } from './reference/cholesky.js';
export { findComponentsReference } from './reference/components.js';
export { convolveDenseReference } from './reference/convolve-dense.js';
export { convolveSeparableReference } from './reference/convolve-separable.js';
export { fft2dReference } from './reference/fft.js';
export { medianFilterReference } from './reference/median-filter.js';
export { meshStatisticsReference } from './reference/mesh.js';
export { normalEquationsReference } from './reference/normal-equations.js';
export { resampleReference } from './reference/resample.js';
export { stackPlanesReference } from './reference/stack.js';
