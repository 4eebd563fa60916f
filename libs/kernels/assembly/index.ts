// One module of all kernels. Every export ends with (first row, end row, scratch), so that bands can be shared out over threads.
export * from './convolve-separable';
