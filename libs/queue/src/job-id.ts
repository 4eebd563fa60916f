import { QueueError } from './queue-error.js';

const PART = /^[A-Za-z0-9_-]+$/;
const MAXIMUM_LENGTH = 200;

/**
 * The deterministic id of a unit of work, e.g. jobId('detector', visitId, 42) = 'detector.8123.42': whoever enqueues
 * the same work twice adds one job. (BullMQ reserves ':' and takes bare integers for its own counter.)
 */
export function jobId(kind: string, ...parts: readonly (string | number | bigint)[]): string {
  const texts = [kind, ...parts.map(String)];
  const id = texts.join('.');
  if (!/^[A-Za-z]/.test(kind) || texts.some((text) => !PART.test(text)) || id.length > MAXIMUM_LENGTH)
    throw new QueueError(
      'invalid_job_id',
      `a job id is a word and parts of letters, digits, "_" and "-", up to ${MAXIMUM_LENGTH} characters: ${JSON.stringify(id)}`,
      id,
    );
  return id;
}
