import type { Allocator } from '#libs/image';
import type { z } from 'zod';
import type { Connection, ConnectionValue } from './connection.js';
import type { DataId, Dimension } from './dimensions.js';

export interface TaskLog {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** What the executor gives a Task besides its inputs. */
export interface TaskContext<Config> {
  readonly config: Config;
  readonly dataId: DataId;
  readonly allocator: Allocator;
  readonly log: TaskLog;
  /** records a named number for quality control: `metric('psfFwhm', 3.2, 'px')` */
  readonly metric: (name: string, value: number, unit?: string) => void;
  /** throws TaskFailure('noWork', 'CANCELLED') once the job was cancelled; cheap, call it between row bands */
  readonly cancelled: () => void;
  /** a 32-bit seed fixed by (visit, detector, purpose) */
  readonly seed: (purpose: string) => number;
}

export type Connections = Readonly<Record<string, Connection<never> | Connection<unknown>>>;
type Values<C> = { readonly [K in keyof C]: ConnectionValue<C[K]> };
/** `run` returns a value per output; 'many' outputs are lists with data ids; an 'optional' output may be undefined. */
type Outputs<C> = { readonly [K in keyof C]: ConnectionValue<C[K]> };

export interface TaskDefinition<
  Schema extends z.ZodType = z.ZodType,
  // oxlint-disable-next-line typescript/no-explicit-any -- variance: any connection fits here
  In extends Readonly<Record<string, Connection<any>>> = any,
  // oxlint-disable-next-line typescript/no-explicit-any
  Out extends Readonly<Record<string, Connection<any>>> = any,
> {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  /** the unit of work (quantum) */
  readonly dimensions: readonly Dimension[];
  /** zod schema in which every field has a default; units and meanings go into `.meta({ unit, description })` */
  readonly config: Schema;
  readonly inputs: In;
  readonly outputs: Out;
  run(inputs: Values<In>, context: TaskContext<z.output<Schema>>): Promise<Outputs<Out>> | Outputs<Out>;
}

/** Declares a Task. Inputs and outputs are typed by their connections. */
export function defineTask<
  Schema extends z.ZodType,
  // oxlint-disable-next-line typescript/no-explicit-any
  In extends Readonly<Record<string, Connection<any>>>,
  // oxlint-disable-next-line typescript/no-explicit-any
  Out extends Readonly<Record<string, Connection<any>>>,
>(definition: TaskDefinition<Schema, In, Out>): TaskDefinition<Schema, In, Out> {
  return definition;
}
