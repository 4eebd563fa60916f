// What one user may ask of the platform.

import { DEFAULT_SANDBOX_LIMITS, type SandboxLimits } from './sandbox/sandbox.js';

export interface Level3Quota {
  /** jobs of one user that run at the same time; those beyond wait */
  readonly running: number;
  /** jobs of one user that wait or run; a submission beyond is refused */
  readonly open: number;
  /** executions of Tasks in one job */
  readonly quanta: number;
}
export const LEVEL3_QUOTA: Level3Quota = { running: 4, open: 24, quanta: 5_000 };

/** Limits of one run of one user Task when the submission names none, and the most it may name. */
export const SUBMISSION_LIMITS: { readonly usual: SandboxLimits; readonly most: SandboxLimits } = {
  usual: DEFAULT_SANDBOX_LIMITS,
  most: { timeMs: 600_000, memoryMiB: 2048, outputBytes: 512 * 1024 * 1024 },
};

export const MAXIMUM_USER_TASKS = 20;
export const MAXIMUM_CODE_CHARACTERS = 200_000;
export const MAXIMUM_PIPELINE_CHARACTERS = 100_000;
/** lines of `context.log` and entries of failure lists kept with a job */
export const MAXIMUM_REPORT_LINES = 200;
