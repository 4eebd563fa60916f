import { Script } from 'node:vm';
import type { SubmissionProblem } from './level3-error.js';

const RUN = /\bfunction\s+run\s*\(|\brun\s*=/;

/** Compiles a user Task's text without running any of it. */
export function checkCode(code: string, place: string): SubmissionProblem | undefined {
  try {
    new Script(code, { filename: 'task.js' });
  } catch (error) {
    const { message = 'cannot be compiled', stack = '' } = error as { message?: string; stack?: string };
    const line = /task\.js:(\d+)/.exec(stack)?.[1];
    const hint = /import statement|await is only|Unexpected token 'export'/.test(message)
      ? ' (a Task is a plain script without modules, and returns its outputs directly)'
      : '';
    return {
      code: 'SYNTAX_ERROR',
      place: line === undefined ? place : `${place}:${line}`,
      message: `${message}${line === undefined ? '' : ` in line ${line}`}${hint}`,
    };
  }
  if (!RUN.test(code))
    return { code: 'NO_RUN_FUNCTION', place, message: 'the text defines no `function run(inputs, context)`' };
  return undefined;
}
