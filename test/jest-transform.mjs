// @swc/jest, and one line more: the globals that numeric code looks up for every pixel become constants of the module. In jest's vm context a
// global costs some hundred nanoseconds each time; as a constant it costs what it does in the product.
import swc from '@swc/jest';

const GLOBALS = [
  'Math',
  'Number',
  'Object',
  'Array',
  'Float32Array',
  'Float64Array',
  'Int32Array',
  'Uint8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'BigInt64Array',
  'BigInt',
  'Map',
  'Set',
  'NaN',
  'Infinity',
];

export default {
  createTransformer(options) {
    const inner = swc.createTransformer(options);
    const withConstants = (result) => {
      const free = GLOBALS.filter(
        (name) =>
          !new RegExp(`(?:const|let|var|class|function|import)\\s+(?:\\{[^}]*\\b)?${name}\\b|\\bas ${name}\\b`).test(
            result.code,
          ),
      );
      return {
        ...result,
        code: `var {${free.filter((name) => new RegExp(`\\b${name}\\b`).test(result.code)).join(',')}} = globalThis;${result.code}`,
      };
    };
    return {
      ...inner,
      getCacheKey: (...args) => `constants-1-${inner.getCacheKey(...args)}`,
      process: (...args) => withConstants(inner.process(...args)),
      processAsync: async (...args) => withConstants(await inner.processAsync(...args)),
    };
  },
};
