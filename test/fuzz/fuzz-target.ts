// What can be fuzzed: a reader, good inputs to damage, and how its own refusals are told from accidents.
import type { Random } from './random.js';

export interface FuzzTarget {
  /** as named on the command line */
  readonly name: string;
  /** Good inputs, small ones: made in code, and real files when ALMAGEST_TEST_DATA is set. Text as its UTF-8 bytes. */
  seeds(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** damage that means something in this format, beside that of `mutate`; gives new bytes or changes those given */
  readonly edits?: readonly Edit[];
  /** Reads the input as far as it goes. Resolves when it could be read, throws what the reader throws when it refuses. */
  attempt(input: Uint8Array): void | Promise<void>;
  /** true for the refusals that the reader promises; anything else that is thrown counts as a crash */
  isTyped(error: unknown): boolean;
}

export type Edit = (bytes: Uint8Array, random: Random) => Uint8Array;

/** What one input came to. `hung`: slow beyond `HANG_MS`; `hoarded`: the process grew beyond `MEMORY_CEILING`. */
export type Outcome =
  | { readonly kind: 'read' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'crashed' | 'hung' | 'hoarded'; readonly message: string };

/** More processor time than this for one input is a hang. Time by the clock says little on a machine that others use too. */
export const HANG_MS = 1000;

/** Bytes of resident memory that the process of a target, Node itself included, may reach at its peak. */
export const MEMORY_CEILING = 512 * 2 ** 20;

/** Runs one input; `ms` is processor time of the whole process. */
export async function attemptInput(
  target: FuzzTarget,
  input: Uint8Array,
  hangMs = HANG_MS,
): Promise<{ readonly outcome: Outcome; readonly ms: number }> {
  const before = process.cpuUsage();
  const outcome = await outcomeOf(target, input);
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000;
  if (ms <= hangMs || outcome.kind === 'crashed') return { outcome, ms };
  return { outcome: { kind: 'hung', message: `${outcome.kind} after ${Math.round(ms)} ms` }, ms };
}

async function outcomeOf(target: FuzzTarget, input: Uint8Array): Promise<Outcome> {
  try {
    await target.attempt(input);
    return { kind: 'read' };
  } catch (error) {
    if (!target.isTyped(error))
      return { kind: 'crashed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    const code = (error as { readonly code?: unknown }).code;
    return { kind: 'refused', code: typeof code === 'string' ? code : (error as Error).name };
  }
}
