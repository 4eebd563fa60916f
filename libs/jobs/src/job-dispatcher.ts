// Clusters of an execution graph as jobs: any worker of the queue may run them. Datasets travel through the store, never through a job.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterRequest, type ClusterResult, type Dispatcher, TaskFailure, sha256Hex } from '#libs/pipeline';
import type { JobPayload, Json } from '#libs/queue';
import type { JobHandler } from './job-runner.js';
import type { JobService } from './job-service.js';
import { hasEnded } from './job.js';

export interface JobDispatcherOptions {
  readonly service: JobService;
  /** kind whose handler is a `clusterHandler` */
  readonly kind: string;
  /** clusters waiting or running at once */
  readonly concurrency: number;
  readonly owner?: string;
  readonly priority?: number;
  /** names the execution: the same name finds the jobs of an earlier attempt */
  readonly execution?: string;
  readonly pollMs?: number;
}

export function jobDispatcher({
  service,
  kind,
  concurrency,
  owner,
  priority,
  execution = randomUUID(),
  pollMs = 500,
}: JobDispatcherOptions): Dispatcher {
  return {
    concurrency,
    async runCluster(request, signal) {
      if (request.given.length > 0 || request.collect.length > 0)
        throw new TaskFailure(
          'bug',
          'NOT_STORED',
          'a cluster that runs as a job takes and gives datasets through the store only',
          { cluster: request.id },
        );
      const id = `${kind}.${sha256Hex(`${execution}\n${request.run}\n${request.id}`).slice(0, 32)}`;
      const payload = JSON.parse(JSON.stringify(request)) as JobPayload;
      await service.submit({
        kind,
        id,
        payload,
        ...(owner !== undefined && { owner }),
        ...(priority !== undefined && { priority }),
      });
      for (let asked = false; ; await sleep(pollMs)) {
        const { phase, result, error } = await service.get(id);
        if (phase === 'COMPLETED') return result as unknown as ClusterResult;
        if (hasEnded(phase)) {
          if (error === null) throw new TaskFailure('noWork', 'CANCELLED', `cluster '${request.id}' was aborted`);
          throw new TaskFailure(error.kind, error.code, error.message);
        }
        if (signal?.aborted === true && !asked) {
          asked = true;
          await service.abort(id);
        }
      }
    },
  };
}

/** The handler on the other side: `run` is a ThreadPool's, or runCluster. A cluster that a lost worker began is simply run again: puts count once. */
export const clusterHandler =
  (run: (request: ClusterRequest, signal: AbortSignal) => Promise<ClusterResult>): JobHandler =>
  async ({ job, signal }) =>
    JSON.parse(JSON.stringify(await run(job.payload as unknown as ClusterRequest, signal))) as Json;
