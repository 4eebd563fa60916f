// One module of all kernels. Every export ends with (first row, end row, scratch), so that bands can be shared out over threads.
export { byteSwap16, byteSwap32, byteSwap64 } from './byte-swap';
export { extractRuns, joinRuns, paintLabels, thresholdBits } from './components';
export { convolveDense } from './convolve-dense';
export { convolveSeparable } from './convolve-separable';
export { median3x3, median5x5 } from './median-filter';
export { meshStatistics } from './mesh';
export { resample3, resample4, resample5, spreadBits } from './resample';
export { choleskyFactor, choleskySolve } from './cholesky';
export { fftColumns, fftRows, multiplySpectra, realRows, realRowsInverse } from './fft';
export { gramMatrix } from './normal-equations';
export { stack } from './stack';
