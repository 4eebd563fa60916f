export type Level3ErrorCode = 'INVALID_SUBMISSION' | 'QUOTA_EXCEEDED' | 'NO_SUCH_JOB' | 'NO_SUCH_DATASET';

/** A mistake in a submission: where, what, and a code for programs. */
export interface SubmissionProblem {
  readonly code: string;
  /** path in the submission, e.g. `tasks.0.code:3` for line 3 of a user Task's text */
  readonly place: string;
  readonly message: string;
}

export class Level3Error extends Error {
  override readonly name = 'Level3Error';
  constructor(
    readonly code: Level3ErrorCode,
    message: string,
    /** the offending value; of an invalid submission, its problems */
    readonly value?: unknown,
  ) {
    super(message);
  }
}

export function invalidSubmission(problems: readonly SubmissionProblem[]): Level3Error {
  const text = problems.map(({ place, message }) => `${place}: ${message}`).join('; ');
  return new Level3Error('INVALID_SUBMISSION', text, problems);
}
