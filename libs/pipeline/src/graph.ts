// The execution graph: every Task joined with the data it applies to.
// For each node one join of dimensions is asked of the registry (rows of coordinates that exist together); its projection on the
// Task's dimensions gives the quanta, that on a connection's dimensions the datasets. What is missing prunes the quantum, with the reason.

import type { DataId, Dimension } from './dimensions.js';
import { DIMENSIONS, dataIdKey, projectDataId } from './dimensions.js';
import { PipelineError } from './errors.js';
import type { Pipeline } from './pipeline.js';
import { type DataQuery, type DatasetRef, type Registry, datasetKey } from './ports.js';
import { type GraphNode, type NodeInput, unroll } from './unroll.js';

export interface PlannedDataset {
  readonly key: string;
  readonly datasetType: string;
  readonly dataId: DataId;
  /** exists already */
  readonly ref?: DatasetRef;
  /** quantum that will make it */
  readonly producer?: string;
  /** one of several, known only when the expansion node has run: `dataId` lacks the element */
  readonly open?: boolean;
}

export interface Quantum {
  readonly id: string;
  readonly label: string;
  readonly dataId: DataId;
  /** run once per element that its inputs turn out to have */
  readonly perElement: boolean;
  readonly config: unknown;
  readonly inputs: Readonly<Record<string, readonly PlannedDataset[]>>;
  readonly outputs: Readonly<Record<string, readonly PlannedDataset[]>>;
  readonly dependsOn: readonly string[];
}

/** Quanta that run in one place, with their datasets in memory. */
export interface Cluster {
  readonly id: string;
  readonly quanta: readonly Quantum[];
  readonly dependsOn: readonly string[];
}

export interface PrunedQuantum {
  readonly label: string;
  readonly dataId: DataId;
  readonly reason: string;
}

export interface Graph {
  readonly pipeline: Pipeline;
  /** each after all it depends on */
  readonly quanta: readonly Quantum[];
  readonly clusters: readonly Cluster[];
  readonly pruned: readonly PrunedQuantum[];
}

export interface GraphOptions {
  /** where inputs are looked for, first wins */
  readonly inputCollections?: readonly string[];
  /** datasets the caller will hand over in memory */
  readonly given?: readonly { readonly datasetType: string; readonly dataId: DataId }[];
}

const SYNTHETIC: readonly Dimension[] = ['iteration', 'element'];
const real = (dimensions: readonly Dimension[]): readonly Dimension[] =>
  dimensions.filter((d) => !SYNTHETIC.includes(d));
const union = (lists: readonly (readonly Dimension[])[]): readonly Dimension[] =>
  DIMENSIONS.filter((d) => lists.some((list) => list.includes(d)));

const distinct = (rows: readonly DataId[], dimensions: readonly Dimension[]): readonly DataId[] => [
  ...new Map(rows.map((row) => projectDataId(row, dimensions)).map((dataId) => [dataIdKey(dataId), dataId])).values(),
];

const withIteration = (dataId: DataId, iteration: string | undefined): DataId =>
  iteration === undefined ? dataId : { ...dataId, iteration };

/** Datasets of one type, by the key of their data id; several iterations of one data id lie side by side. */
type Index = Map<string, PlannedDataset>;

export async function buildGraph(
  pipeline: Pipeline,
  query: DataQuery,
  registry: Registry,
  options: GraphOptions = {},
): Promise<Graph> {
  for (const dimension of Object.keys(query))
    if (!(DIMENSIONS as readonly string[]).includes(dimension))
      throw new PipelineError(
        'UNKNOWN_DIMENSION',
        `there is no dimension '${dimension}' (there are: ${DIMENSIONS.join(', ')})`,
        { dimension },
      );
  const builder = new GraphBuilder(query, registry, options);
  for (const node of unroll(pipeline)) await builder.add(node);
  return { pipeline, quanta: builder.quanta, clusters: clustersOf(builder.quanta), pruned: builder.pruned };
}

class GraphBuilder {
  readonly quanta: Quantum[] = [];
  readonly pruned: PrunedQuantum[] = [];
  readonly #made = new Map<string, Index>();
  readonly #existing = new Map<string, Promise<Index>>();
  readonly #prerequisites = new Map<string, Promise<readonly PlannedDataset[]>>();
  readonly #byNode = new Map<string, Quantum[]>();

  constructor(
    readonly query: DataQuery,
    readonly registry: Registry,
    readonly options: GraphOptions,
  ) {}

  async add(node: GraphNode): Promise<void> {
    const task = node.task.registered.task;
    const joined = union([
      real(task.dimensions),
      ...node.inputs
        .filter(({ connection }) => connection.prerequisite !== true)
        .map(({ dimensions }) => real(dimensions)),
      ...node.outputs.map(({ dimensions }) => real(dimensions)),
    ]);
    const rows = await this.registry.dataIds(joined, this.query);
    const groups = new Map<string, DataId[]>();
    for (const row of rows) {
      const key = dataIdKey(projectDataId(row, real(task.dimensions)));
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [row]);
      else group.push(row);
    }
    const added: Quantum[] = [];
    this.#byNode.set(node.id, added);
    for (const group of groups.values()) {
      const quantum = await this.#quantum(node, group);
      if (quantum !== undefined) added.push(quantum);
    }
    this.quanta.push(...added);
  }

  async #quantum(node: GraphNode, rows: readonly DataId[]): Promise<Quantum | undefined> {
    const label = node.task.label;
    const dimensions = real(node.task.registered.task.dimensions);
    const dataId = withIteration(projectDataId(rows[0]!, dimensions), node.iteration);
    const inputs: Record<string, readonly PlannedDataset[]> = {};
    for (const input of node.inputs) {
      const found = await this.#datasets(input, rows, dataId);
      const { multiplicity, minimum = 1 } = input.connection;
      const least = multiplicity === 'one' ? 1 : multiplicity === 'optional' ? 0 : minimum;
      if (found.length < least && !found.some(({ open }) => open)) {
        const reason = `${input.name} needs ${least === 1 ? 'a' : `${least} of`} '${input.datasetType}', found ${found.length}`;
        this.pruned.push({ label, dataId, reason });
        return undefined;
      }
      if (found.length > 1 && (multiplicity === 'one' || multiplicity === 'optional'))
        throw new PipelineError(
          'AMBIGUOUS_INPUT',
          `${label} (${dataIdKey(dataId)}): '${input.datasetType}' stands for ${found.length} datasets but the connection takes one`,
          { label, dataId, datasets: found.map(({ key }) => key) },
        );
      inputs[input.name] = found;
    }
    const id = `${node.id}(${dataIdKey(dataId)})`;
    const outputs: Record<string, readonly PlannedDataset[]> = {};
    for (const output of node.outputs) {
      const open = output.dimensions.includes('element');
      outputs[output.name] = distinct(rows, real(output.dimensions)).map((at) =>
        this.#plan(output.datasetType, withIteration(at, node.iteration), id, open),
      );
    }
    const dependsOn = new Set(
      Object.values(inputs).flatMap((list) =>
        list.flatMap(({ producer }) => (producer === undefined ? [] : [producer])),
      ),
    );
    for (const before of node.after)
      for (const other of this.#byNode.get(before) ?? []) if (agree(other.dataId, dataId)) dependsOn.add(other.id);
    return {
      id,
      label,
      dataId,
      perElement: node.dimensions.includes('element'),
      config: node.config,
      inputs,
      outputs,
      dependsOn: [...dependsOn],
    };
  }

  #plan(datasetType: string, dataId: DataId, producer: string, open: boolean): PlannedDataset {
    const planned: PlannedDataset = {
      key: datasetKey(datasetType, dataId),
      datasetType,
      dataId,
      producer,
      ...(open && { open }),
    };
    const index = this.#made.get(datasetType) ?? new Map<string, PlannedDataset>();
    this.#made.set(datasetType, index.set(planned.key, planned));
    return planned;
  }

  async #datasets(input: NodeInput, rows: readonly DataId[], dataId: DataId): Promise<readonly PlannedDataset[]> {
    if (input.connection.prerequisite === true) return this.#prerequisite(input, dataId);
    const wanted = distinct(rows, real(input.dimensions));
    if (!input.produced) {
      const index = await this.#stored(input.datasetType);
      return wanted.flatMap((at) => index.get(datasetKey(input.datasetType, at)) ?? []);
    }
    const index = this.#made.get(input.datasetType) ?? new Map<string, PlannedDataset>();
    if (input.iteration !== undefined || !input.dimensions.includes('iteration'))
      return wanted.flatMap((at) => index.get(datasetKey(input.datasetType, withIteration(at, input.iteration))) ?? []);
    const keys = new Set(wanted.map((at) => dataIdKey(at)));
    return [...index.values()].filter((planned) =>
      keys.has(dataIdKey(projectDataId(planned.dataId, real(input.dimensions)))),
    );
  }

  #stored(datasetType: string): Promise<Index> {
    const known = this.#existing.get(datasetType);
    if (known !== undefined) return known;
    const load = async (): Promise<Index> => {
      const refs = await this.registry.datasets({
        datasetType,
        query: this.query,
        collections: this.options.inputCollections ?? [],
      });
      const planned = [
        ...refs.map((ref): PlannedDataset => ({
          key: datasetKey(datasetType, ref.dataId),
          datasetType,
          dataId: ref.dataId,
          ref,
        })),
        ...(this.options.given ?? [])
          .filter((given) => given.datasetType === datasetType)
          .map(({ dataId }): PlannedDataset => ({ key: datasetKey(datasetType, dataId), datasetType, dataId })),
      ];
      return new Map(planned.map((dataset) => [dataset.key, dataset]));
    };
    const loading = load();
    this.#existing.set(datasetType, loading);
    return loading;
  }

  async #prerequisite(input: NodeInput, dataId: DataId): Promise<readonly PlannedDataset[]> {
    const { datasetType } = input;
    const given = (this.options.given ?? []).filter(
      (one) => one.datasetType === datasetType && agree(one.dataId, dataId),
    );
    if (given.length > 0)
      return given.map((one) => ({ key: datasetKey(datasetType, one.dataId), datasetType, dataId: one.dataId }));
    const where = projectDataId(
      dataId,
      DIMENSIONS.filter((d) => !SYNTHETIC.includes(d)),
    );
    const cacheKey = `${datasetType}|${real(input.dimensions).join('+')}|${dataIdKey(where)}`;
    const known = this.#prerequisites.get(cacheKey);
    if (known !== undefined) return known;
    const load = this.registry
      .prerequisites({
        datasetType,
        dimensions: real(input.dimensions),
        dataId: where,
        collections: this.options.inputCollections ?? [],
      })
      .then((refs) =>
        refs.map((ref): PlannedDataset => ({
          key: datasetKey(datasetType, ref.dataId),
          datasetType,
          dataId: ref.dataId,
          ref,
        })),
      );
    this.#prerequisites.set(cacheKey, load);
    return load;
  }
}

/** No shared dimension differs. */
function agree(a: DataId, b: DataId): boolean {
  return DIMENSIONS.every((d) => a[d] === undefined || b[d] === undefined || String(a[d]) === String(b[d]));
}

/** (visit, detector) or (tract, patch), else the quantum's own coordinates; iterations and elements stay together. */
function clusterKey(dataId: DataId): string {
  if (dataId.visit !== undefined && dataId.detector !== undefined)
    return dataIdKey(projectDataId(dataId, ['instrument', 'visit', 'detector']));
  if (dataId.tract !== undefined && dataId.patch !== undefined)
    return dataIdKey(projectDataId(dataId, ['tract', 'patch']));
  return (
    dataIdKey(
      projectDataId(
        dataId,
        DIMENSIONS.filter((d) => !SYNTHETIC.includes(d)),
      ),
    ) || 'all'
  );
}

/**
 * Clusters never need each other in a circle: each quantum has a level that grows wherever work changes its place
 * (detectors -> visit -> detectors), and a cluster holds one level.
 */
function clustersOf(quanta: readonly Quantum[]): readonly Cluster[] {
  const placed = new Map<string, { readonly key: string; readonly level: number }>();
  const clusters = new Map<string, { quanta: Quantum[]; dependsOn: Set<string> }>();
  const levels = new Map<string, number>();
  const idOf = ({ key, level }: { key: string; level: number }): string => (level === 0 ? key : `${key}#${level}`);
  for (const quantum of quanta) {
    const key = clusterKey(quantum.dataId);
    const level = Math.max(
      0,
      ...quantum.dependsOn.map((id) => {
        const before = placed.get(id)!;
        return before.key === key ? before.level : before.level + 1;
      }),
    );
    placed.set(quantum.id, { key, level });
    const id = idOf({ key, level });
    const cluster = clusters.get(id) ?? { quanta: [], dependsOn: new Set<string>() };
    cluster.quanta.push(quantum);
    for (const before of quantum.dependsOn) {
      const other = idOf(placed.get(before)!);
      if (other !== id) cluster.dependsOn.add(other);
    }
    clusters.set(id, cluster);
    levels.set(id, level);
  }
  return [...clusters]
    .sort(([a], [b]) => levels.get(a)! - levels.get(b)!)
    .map(([id, cluster]) => ({ id, quanta: cluster.quanta, dependsOn: [...cluster.dependsOn] }));
}
