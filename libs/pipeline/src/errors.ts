export type PipelineErrorCode =
  | 'AMBIGUOUS_INPUT'
  | 'CONFIG_INVALID'
  | 'CONFIG_UNKNOWN_FIELD'
  | 'CYCLE'
  | 'DUPLICATE_PRODUCER'
  | 'DUPLICATE_TASK'
  | 'INVALID_PIPELINE'
  | 'MODULE_INVALID'
  | 'NOT_STORED'
  | 'NO_PROVENANCE'
  | 'NO_RUNTIME'
  | 'NO_STORE'
  | 'POOL_CLOSED'
  | 'REPEAT_INVALID'
  | 'SOFTWARE_MISMATCH'
  | 'STORAGE_CLASS_MISMATCH'
  | 'UNKNOWN_DIMENSION'
  | 'UNKNOWN_SUBSET'
  | 'UNKNOWN_TASK';

/** A pipeline, config or graph that cannot be used as written. Failures of the work itself are `TaskFailure`s. */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  constructor(
    readonly code: PipelineErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
