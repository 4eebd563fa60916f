import { AlgorithmError, type AlgorithmErrorCode } from '#libs/algorithms';
import { type FailureKind, TaskFailure } from '#libs/pipeline';

const KINDS: Readonly<Partial<Record<AlgorithmErrorCode, FailureKind>>> = {
  SIZE_MISMATCH: 'unprocessable',
  BAD_INPUT: 'unprocessable',
  NO_GOOD_PIXELS: 'unprocessable',
  NO_PSF: 'unprocessable',
  NO_STARS: 'algorithm',
  SINGULAR: 'algorithm',
  NO_CONVERGENCE: 'algorithm',
};

/** Runs a step and turns what an algorithm throws into the failure kinds of the pipeline; anything else passes through. */
export function withTaskFailures<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    const kind = error instanceof AlgorithmError ? KINDS[error.code] : undefined;
    if (!(error instanceof AlgorithmError) || kind === undefined) throw error;
    throw new TaskFailure(kind, error.code, error.message, error.details, { cause: error });
  }
}
