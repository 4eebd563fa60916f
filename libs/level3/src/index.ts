export { checkSubmission, type CheckedSubmission, type CheckOptions, type KnownType } from './check-submission.js';
export { executeSubmission, type ExecuteSubmissionOptions, type Level3Environment } from './execute-submission.js';
export { Level3Error, type Level3ErrorCode, type SubmissionProblem } from './level3-error.js';
export { level3Handler } from './level3-handler.js';
export type { Level3Failure, Level3Report } from './level3-report.js';
export { LEVEL3_QUOTAS, type Level3Job, type Level3Result, Level3Service, type Level3User } from './level3-service.js';
export { LEVEL3_QUOTA, type Level3Quota, SUBMISSION_LIMITS } from './quotas.js';
export {
  DEFAULT_SANDBOX_LIMITS,
  runInSandbox,
  type SandboxCall,
  SandboxError,
  type SandboxErrorCode,
  type SandboxLimits,
  type SandboxResult,
} from './sandbox/sandbox.js';
export { SandboxRuntime, type SandboxRuntimeOptions } from './sandbox-runtime.js';
export { type Submission, type SubmissionInput, SubmissionSchema, type UserTask } from './submission.js';
