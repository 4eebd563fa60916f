import { describe, expect, it } from '@jest/globals';
import { runInSandbox, type SandboxErrorCode } from './sandbox.js';

const limits = { timeMs: 1500, memoryMiB: 256, outputBytes: 1_000_000 };
const run = (code: string, inputs: Record<string, unknown> = {}) =>
  runInSandbox({ code, inputs, parameters: { factor: 2 }, dataId: { visit: '12' } }, limits);
const failure = async (code: string): Promise<{ code: SandboxErrorCode; message: string; place?: string }> => {
  try {
    await run(code);
  } catch (error) {
    return error as { code: SandboxErrorCode; message: string; place?: string };
  }
  throw new Error('no failure');
};

describe('the sandbox', () => {
  it('takes typed arrays, identifiers and parameters in and gives them back', async () => {
    const result = await run(
      `function run({ image, ids }, { parameters, dataId, log, metric }) {
         log('scaling ' + dataId.visit); metric('pixels', image.length, 'px');
         return { scaled: image.map((v) => v * parameters.factor), first: ids[0], nan: NaN, nested: { list: [1, 'two', null] } };
       }`,
      { image: Float32Array.of(1, 2, 3), ids: BigInt64Array.of(9007199254740993n) },
    );
    expect(result.outputs).toEqual({
      scaled: Float32Array.of(2, 4, 6),
      first: 9007199254740993n,
      nan: NaN,
      nested: { list: [1, 'two', null] },
    });
    expect(result).toMatchObject({ log: ['scaling 12'], metrics: [{ name: 'pixels', value: 3, unit: 'px' }] });
  });

  it('says where user code failed', async () => {
    expect(await failure('function run() {\n  return missing.field;\n}')).toMatchObject({
      code: 'USER_CODE_FAILED',
      message: 'missing is not defined',
      place: expect.stringMatching(/^task\.js:2/),
    });
    expect(await failure('function run( {')).toMatchObject({ code: 'USER_CODE_FAILED' });
    expect(await failure('const x = 1;')).toMatchObject({
      code: 'USER_CODE_FAILED',
      message: expect.stringContaining('no function called run'),
    });
    expect(await failure('function run() { return Promise.resolve({}); }')).toMatchObject({ code: 'USER_CODE_FAILED' });
  });

  it.each([
    ['an endless loop', 'function run() { for (;;); }', 'TIME_LIMIT'],
    [
      'an endless regular expression',
      "function run() { return { x: /^(a+)+$/.test('a'.repeat(40) + 'b') }; }",
      'TIME_LIMIT',
    ],
    [
      'memory outside the heap',
      'function run() { const keep = []; for (;;) keep.push(new Uint8Array(16777216).fill(1)); }',
      'MEMORY_LIMIT',
    ],
    [
      'memory on the heap',
      'function run() { const keep = []; for (;;) keep.push(new Array(100000).fill(keep.length + 0.5)); }',
      'MEMORY_LIMIT',
    ],
    ['too much output', 'function run() { return { big: new Uint8Array(2000000) }; }', 'OUTPUT_LIMIT'],
    ['endless nesting', 'function run() { const o = {}; o.o = o; return { o }; }', 'USER_CODE_FAILED'],
    ['an error that is no error', 'function run() { throw { get message() { throw 1; } }; }', 'USER_CODE_FAILED'],
  ])('stops %s with a reason', async (_what, code, expected) => {
    expect((await failure(code)).code).toBe(expected);
  });

  it('offers no way to modules, files, environment, processes or code from text', async () => {
    const { outputs } = await run(`function run() {
      const attempt = (f) => { try { const r = f(); return r === undefined ? 'undefined' : 'got ' + typeof r; } catch (e) { return 'refused'; } };
      const reach = (object) => attempt(() => object.constructor.constructor('return process')());
      return {
        names: [typeof require, typeof process, typeof fetch, typeof WebAssembly === 'object' ? attempt(() => new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0]))) : 'undefined', typeof setTimeout, typeof Buffer].join(),
        evaluate: attempt(() => eval('1')), construct: attempt(() => new Function('return 1')()),
        viaInputs: reach(given.inputs), viaContext: reach(given.context), viaLog: reach(given.context.log), viaArray: reach(new Uint8Array(1)), viaGlobal: reach(globalThis), viaThis: reach(this),
      };
    }`);
    expect(outputs).toEqual({
      names: 'undefined,undefined,undefined,refused,undefined,undefined',
      evaluate: 'refused',
      construct: 'refused',
      viaInputs: 'refused',
      viaContext: 'refused',
      viaLog: 'refused',
      viaArray: 'refused',
      viaGlobal: 'refused',
      viaThis: 'refused',
    });
  });

  it('cannot import modules', async () => {
    expect((await failure("import fs from 'node:fs'; function run() { return {}; }")).code).toBe('USER_CODE_FAILED');
    const { outputs } = await run(
      "function run() { let x = 'none'; import('node:fs').then(() => { x = 'loaded'; }, () => { x = 'refused'; }); return { x }; }",
    );
    expect(outputs).toEqual({ x: 'none' });
  });

  it('stops when the job is cancelled', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    await expect(
      runInSandbox(
        { code: 'function run() { for (;;); }', inputs: {} },
        { ...limits, timeMs: 20_000 },
        controller.signal,
      ),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
