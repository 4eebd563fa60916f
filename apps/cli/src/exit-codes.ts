/** Exit codes of the command (after sysexits.h), so that scripts can tell what happened. */
export const ExitCode = {
  ok: 0,
  /** the command ran, and something it checked or processed was not right */
  failed: 1,
  /** the command line was wrong */
  usage: 64,
  /** input data could not be used */
  badInput: 65,
  /** a service that is needed does not answer */
  unavailable: 69,
  /** an error of ours */
  internal: 70,
  interrupted: 130,
} as const;

/** An error the user can act on: printed as one sentence, never with a stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    readonly code: string,
    message: string,
    readonly exitCode: number = ExitCode.failed,
  ) {
    super(message);
  }
}
