export type ConfigErrorCode = 'invalid_value' | 'unsafe_combination';

/** A setting that cannot be used. Carries the variable, the offending value (never a secret's) and what was expected. */
export class ConfigError extends Error {
  constructor(
    readonly code: ConfigErrorCode,
    readonly variable: string,
    readonly value: string,
    readonly expectation: string,
  ) {
    super(`${variable}=${JSON.stringify(value)}: ${expectation}`);
    this.name = 'ConfigError';
  }
}
