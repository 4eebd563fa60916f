/**
 * How a quantum of work can end badly.
 * noWork: nothing to do here (no overlap, no stars): not an error. unprocessable: the input cannot be used. algorithm: the method did
 * not converge on good input. partial: some outputs are usable. transient: try again (the only kind that is retried). bug: ours.
 */
export type FailureKind = 'noWork' | 'unprocessable' | 'algorithm' | 'partial' | 'transient' | 'bug';

/** The error a Task throws on purpose: a kind, a stable code, a human sentence and the offending values. */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure';
  constructor(
    readonly kind: FailureKind,
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Any other exception is a bug of ours. */
export const failureKindOf = (error: unknown): FailureKind => (error instanceof TaskFailure ? error.kind : 'bug');
