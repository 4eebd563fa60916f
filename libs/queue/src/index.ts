export { jobId } from './job-id.js';
export { checkPayload, type JobPayload, type Json, MAXIMUM_PAYLOAD_BYTES } from './payload.js';
export { QueueError, type QueueErrorCode } from './queue-error.js';
export {
  LONGEST_TRANSACTION_MS,
  QUEUE_NAMES,
  type QueueConfig,
  type QueueName,
  queueRegistry,
} from './queue-registry.js';
export { migrateQueues, queueRoot, resolveQueueRoot, type QueueRoot } from './queue-root.js';
export { type QueueBench, type QueueBenchOptions, runQueueBench } from './queue.bench.js';
export { QueueModule } from './queue.module.js';
export {
  type EnqueueResult,
  flowJob,
  type FlowNode,
  type JobProcessor,
  jobOptions,
  type JobRequest,
  Queues,
  type QueuesOptions,
  type WorkerOverrides,
} from './queues.js';
export { type Job, type Queue, type QueueEvents, UnrecoverableError, type Worker } from 'bullmq';
