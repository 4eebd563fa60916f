export type KernelErrorCode =
  /** kernels.wasm is nowhere beside the code */
  | 'NOT_BUILT'
  /** planes do not fit into the memory */
  | 'OUT_OF_MEMORY'
  /** a row, a transform or a stencil needs more than a thread's scratch */
  | 'OUT_OF_SCRATCH'
  /** planes of one call differ in size, or an array is too short for its shape */
  | 'SIZE_MISMATCH'
  | 'BAD_ARGUMENT'
  /** a matrix is not positive definite; the value is the row where it fails */
  | 'SINGULAR'
  /** the cancel flag was found set between two bands */
  | 'CANCELLED'
  /** a blocking call while another job of this context is under way */
  | 'BUSY'
  /** a kernel ended in a WebAssembly trap; the memory's contents are undefined */
  | 'TRAP'
  /** a thread of the pool ended */
  | 'THREAD_DIED'
  | 'CLOSED';

/** What kernels throw: a code for programs, a sentence for people and the offending value. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  constructor(
    readonly code: KernelErrorCode,
    message: string,
    readonly value?: unknown,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
