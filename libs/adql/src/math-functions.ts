// Mathematical functions (ADQL 2.1, section 2.3 tables 1 and 2) on double precision. What has no value, such as the logarithm
// of a negative flux, is NULL instead of the end of the query.

/** SQL of the function for float8 SQL of its arguments. */
export interface MathFunction {
  readonly count: number;
  readonly sql: (...values: string[]) => string;
}

/** x, or NULL where it is not above zero; NULL stays NULL, each operand is written once */
const positive = (x: string): string => `NULLIF(GREATEST(${x}, 0), 0)`;
/** x, or NULL below zero (the limit is the negative number nearest to zero) */
const notNegative = (x: string): string =>
  `NULLIF(GREATEST(${x}, '-4.94065645841246544e-324'::float8), '-4.94065645841246544e-324'::float8)`;
/** x, or NULL outside -1 to 1 (the limits are the next numbers outside) */
const cosine = (x: string): string =>
  `NULLIF(NULLIF(LEAST(GREATEST(${x}, -1.0000000000000002), 1.0000000000000002), -1.0000000000000002), 1.0000000000000002)`;

const plain = (name: string) => (x: string) => `${name}(${x})`;

export const MATH_FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ACOS: { count: 1, sql: (x) => `acos(${cosine(x)})` },
  ASIN: { count: 1, sql: (x) => `asin(${cosine(x)})` },
  ATAN: { count: 1, sql: plain('atan') },
  ATAN2: { count: 2, sql: (y, x) => `atan2(${y}, ${x})` },
  COS: { count: 1, sql: plain('cos') },
  COT: { count: 1, sql: plain('cot') },
  SIN: { count: 1, sql: plain('sin') },
  TAN: { count: 1, sql: plain('tan') },
  DEGREES: { count: 1, sql: plain('degrees') },
  RADIANS: { count: 1, sql: plain('radians') },
  EXP: { count: 1, sql: plain('exp') },
  LOG: { count: 1, sql: (x) => `ln(${positive(x)})` },
  LOG10: { count: 1, sql: (x) => `log(${positive(x)})` },
  POWER: { count: 2, sql: (x, y) => `power(${x}, ${y})` },
  SQRT: { count: 1, sql: (x) => `sqrt(${notNegative(x)})` },
  PI: { count: 0, sql: () => 'pi()' },
  // fluxes in nJy, AB magnitudes
  MAG: { count: 1, sql: (flux) => `(31.4 - 2.5 * log(${positive(flux)}))` },
  MAG_ERR: { count: 2, sql: (flux, error) => `(${2.5 / Math.LN10} * ${error} / ${positive(flux)})` },
  FLUX: { count: 1, sql: (magnitude) => `power(10::float8, (31.4 - ${magnitude}) / 2.5)` },
};
