// Clusters cut where work changes between threads and the sandbox, so that each piece runs in one place. What crosses a cut is stored.

import type { Cluster, Graph, Quantum } from '#libs/pipeline';

/** Same graph, with clusters whose Tasks all run in one kind of place. */
export function segmentByRuntime(graph: Graph): Graph {
  const runtimes = new Map(graph.pipeline.tasks.map(({ label, runtime }) => [label, runtime]));
  const pieces: { readonly id: string; readonly quanta: Quantum[] }[] = [];
  const places = new Map<string, string>();
  for (const cluster of graph.clusters) {
    let last: string | undefined;
    let piece: (typeof pieces)[number] | undefined;
    let count = 0;
    for (const quantum of cluster.quanta) {
      const runtime = runtimes.get(quantum.label);
      // the order within a cluster is one in which it can run, so a later piece never feeds an earlier one
      if (piece === undefined || runtime !== last) {
        piece = { id: count === 0 ? cluster.id : `${cluster.id}/${count}`, quanta: [] };
        pieces.push(piece);
        count++;
      }
      last = runtime;
      piece.quanta.push(quantum);
      places.set(quantum.id, piece.id);
    }
  }
  const clusters = pieces.map(({ id, quanta }): Cluster => ({
    id,
    quanta,
    dependsOn: [...new Set(quanta.flatMap(({ dependsOn }) => dependsOn.map((needed) => places.get(needed)!)))].filter(
      (other) => other !== id,
    ),
  }));
  return { ...graph, clusters };
}
