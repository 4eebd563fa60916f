// From labelled Tasks to the nodes of the graph: fixed repetition written out, nodes in the order of their datasets.

import type { Connection } from './connection.js';
import type { Dimension } from './dimensions.js';
import { PipelineError } from './errors.js';
import type { Pipeline, PipelineTask, Repeat } from './pipeline.js';

export interface NodeInput {
  readonly name: string;
  readonly connection: Connection<unknown>;
  /** dataset type to look for: the carried one for a carried input */
  readonly datasetType: string;
  readonly dimensions: readonly Dimension[];
  /** made by a node of this graph */
  readonly produced: boolean;
  /** the iteration whose dataset is meant, where its maker is repeated */
  readonly iteration?: string;
}
export interface NodeOutput {
  readonly name: string;
  readonly connection: Connection<unknown>;
  readonly datasetType: string;
  readonly dimensions: readonly Dimension[];
}

export interface GraphNode {
  readonly id: string;
  readonly task: PipelineTask;
  readonly config: unknown;
  readonly dimensions: readonly Dimension[];
  readonly iteration?: string;
  readonly inputs: readonly NodeInput[];
  readonly outputs: readonly NodeOutput[];
  readonly after: readonly string[];
}

const nodeId = (label: string, iteration?: string): string =>
  iteration === undefined ? label : `${label}@${iteration}`;

interface Maker {
  readonly label: string;
  readonly repeat?: Repeat;
}

function makersOf(pipeline: Pipeline): Map<string, Maker> {
  const makers = new Map<string, Maker>();
  for (const { label, outputs } of pipeline.tasks) {
    const repeat = pipeline.repeats.find(({ tasks }) => tasks.includes(label));
    for (const { datasetType } of Object.values(outputs)) makers.set(datasetType, { label, repeat });
  }
  return makers;
}

function inputOf(
  name: string,
  connection: Connection<unknown>,
  task: PipelineTask,
  makers: ReadonlyMap<string, Maker>,
  repeat: Repeat | undefined,
  step: number,
): NodeInput {
  const dimensions = connection.dimensions ?? task.registered.task.dimensions;
  const carried = repeat?.carry[connection.datasetType];
  if (repeat !== undefined && carried !== undefined && step > 0)
    return {
      name,
      connection,
      datasetType: carried,
      dimensions,
      produced: true,
      iteration: repeat.iterations[step - 1]!,
    };
  const { datasetType } = connection;
  const maker = connection.prerequisite === true ? undefined : makers.get(datasetType);
  if (maker === undefined) return { name, connection, datasetType, dimensions, produced: false };
  const within = maker.repeat !== undefined && maker.repeat === repeat;
  const every = connection.dimensions?.includes('iteration') === true && !within;
  const iteration =
    maker.repeat === undefined || every
      ? undefined
      : within
        ? repeat.iterations[step]!
        : maker.repeat.iterations.at(-1)!;
  return { name, connection, datasetType, dimensions, produced: true, iteration };
}

/** Every node of the graph, each after all it depends on. Throws CYCLE with the way round. */
export function unroll(pipeline: Pipeline): readonly GraphNode[] {
  const makers = makersOf(pipeline);
  const nodes = pipeline.tasks.flatMap((task): GraphNode[] => {
    const repeat = pipeline.repeats.find(({ tasks }) => tasks.includes(task.label));
    const own = task.registered.task.dimensions;
    return (repeat?.iterations ?? [undefined]).map((iteration, step) => ({
      id: nodeId(task.label, iteration),
      task,
      config: (iteration === undefined ? undefined : repeat?.configs[iteration]?.[task.label]) ?? task.config,
      dimensions: iteration === undefined || own.includes('iteration') ? own : [...own, 'iteration'],
      iteration,
      inputs: Object.entries(task.inputs).map(([name, connection]) =>
        inputOf(name, connection, task, makers, repeat, step),
      ),
      outputs: Object.entries(task.outputs).map(([name, connection]) => ({
        name,
        connection,
        datasetType: connection.datasetType,
        dimensions: connection.dimensions ?? own,
      })),
      after: task.after.flatMap((label) => {
        const other = pipeline.repeats.find(({ tasks }) => tasks.includes(label));
        return [
          nodeId(label, other === undefined ? undefined : other === repeat ? iteration : other.iterations.at(-1)),
        ];
      }),
    }));
  });
  return sorted(nodes, makers);
}

function predecessors(node: GraphNode, makers: ReadonlyMap<string, Maker>): readonly string[] {
  const ids = node.inputs.flatMap((input) => {
    if (!input.produced) return [];
    const maker = makers.get(input.datasetType)!;
    if (maker.repeat === undefined) return [nodeId(maker.label)];
    return (input.iteration === undefined ? maker.repeat.iterations : [input.iteration]).map((iteration) =>
      nodeId(maker.label, iteration),
    );
  });
  return [...new Set([...ids, ...node.after])];
}

function sorted(nodes: readonly GraphNode[], makers: ReadonlyMap<string, Maker>): readonly GraphNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const order: GraphNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string, way: readonly string[]): void => {
    if (state.get(id) === 'done') return;
    if (state.get(id) === 'open') {
      const cycle = [...way.slice(way.indexOf(id)), id];
      throw new PipelineError('CYCLE', `tasks need each other: ${cycle.join(' <- ')}`, { cycle });
    }
    state.set(id, 'open');
    for (const before of predecessors(byId.get(id)!, makers)) visit(before, [...way, id]);
    state.set(id, 'done');
    order.push(byId.get(id)!);
  };
  for (const { id } of nodes) visit(id, []);
  return order;
}
