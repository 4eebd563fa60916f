export {
  DEFAULT_SANDBOX_LIMITS,
  runInSandbox,
  type SandboxCall,
  SandboxError,
  type SandboxErrorCode,
  type SandboxLimits,
  type SandboxResult,
} from './sandbox/sandbox.js';
