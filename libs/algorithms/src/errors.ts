export type AlgorithmErrorCode =
  'SIZE_MISMATCH' | 'BAD_INPUT' | 'NO_PSF' | 'NO_GOOD_PIXELS' | 'NO_STARS' | 'SINGULAR' | 'NO_CONVERGENCE';

/** What an algorithm throws when its input cannot be used or its method fails: a code, a sentence, the offending values. */
export class AlgorithmError extends Error {
  override readonly name = 'AlgorithmError';
  constructor(
    readonly code: AlgorithmErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
