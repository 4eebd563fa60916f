// Numbers and functions of the filter language. All are total: what has no value (square root of -1, missing input) is NULL. The SQL
// back-end has each of them as a function `filter_<name>` (a migration makes them), so the rules below are written down twice and a test
// holds the two equal.

const DEGREE = Math.PI / 180;
/** Larger numbers are NULL and smaller ones 0: products and quotients then stay far from what a double cannot hold. */
export const LARGEST_NUMBER = 1e150;
const SMALLEST_NUMBER = 1e-150;
/** ln(LARGEST_NUMBER), rounded down */
const LARGEST_EXPONENT = 345;

export function normal(value: number): number {
  const size = Math.abs(value);
  if (size < SMALLEST_NUMBER) return 0;
  return size <= LARGEST_NUMBER ? value : NaN;
}

export interface FilterFunction {
  readonly name: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly description: string;
  /** normal numbers in, number out; NaN stands for NULL */
  readonly evaluate: (...values: number[]) => number;
}

const numeric = (
  name: string,
  count: number | [number, number],
  description: string,
  evaluate: (...values: number[]) => number,
): FilterFunction => ({
  name,
  minArguments: typeof count === 'number' ? count : count[0],
  maxArguments: typeof count === 'number' ? count : count[1],
  description,
  evaluate: (...values) => normal(evaluate(...values)),
});

function exponential(x: number): number {
  if (x > LARGEST_EXPONENT) return NaN;
  return x < -LARGEST_EXPONENT ? 0 : Math.exp(x);
}

function power(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y) || (x < 0 && !Number.isInteger(y))) return NaN;
  if (x === 0) return y > 0 ? 0 : y === 0 ? 1 : NaN;
  const exponent = y * Math.log(Math.abs(x));
  if (exponent > LARGEST_EXPONENT) return NaN;
  return exponent < -LARGEST_EXPONENT ? 0 : x ** y;
}

/** Great-circle distance by the haversine form [deg]. */
function separation(ra1: number, dec1: number, ra2: number, dec2: number): number {
  const sinDec = Math.sin(((dec2 - dec1) * DEGREE) / 2);
  const sinRa = Math.sin(((ra2 - ra1) * DEGREE) / 2);
  const h = sinDec * sinDec + Math.cos(dec1 * DEGREE) * Math.cos(dec2 * DEGREE) * sinRa * sinRa;
  return (2 * Math.asin(Math.min(1, Math.sqrt(h)))) / DEGREE;
}

export const FILTER_FUNCTIONS: ReadonlyMap<string, FilterFunction> = new Map(
  [
    numeric('abs', 1, 'absolute value', Math.abs),
    numeric('sqrt', 1, 'square root', Math.sqrt),
    numeric('exp', 1, 'exponential', exponential),
    numeric('ln', 1, 'natural logarithm', (x) => (x > 0 ? Math.log(x) : NaN)),
    numeric('log10', 1, 'decimal logarithm', (x) => (x > 0 ? Math.log10(x) : NaN)),
    numeric('power', 2, 'x to the power y', power),
    numeric('floor', 1, 'largest whole number not above', Math.floor),
    numeric('ceil', 1, 'smallest whole number not below', Math.ceil),
    numeric('round', 1, 'nearest whole number, halves upwards', (x) => Math.floor(x + 0.5)),
    numeric('sin', 1, 'sine of an angle in degrees', (x) => Math.sin(x * DEGREE)),
    numeric('cos', 1, 'cosine of an angle in degrees', (x) => Math.cos(x * DEGREE)),
    numeric('least', [1, 16], 'smallest of the arguments; NULL if one is NULL', Math.min),
    numeric('greatest', [1, 16], 'largest of the arguments; NULL if one is NULL', Math.max),
    numeric(
      'coalesce',
      [1, 16],
      'first argument that is not NULL',
      (...values) => values.find((value) => !Number.isNaN(value)) ?? NaN,
    ),
    numeric('mag', 1, 'AB magnitude of a flux in nJy', (flux) => (flux > 0 ? 31.4 - 2.5 * Math.log10(flux) : NaN)),
    numeric('magErr', 2, 'magnitude error from flux and flux error', (flux, error) =>
      flux > 0 ? (2.5 / Math.LN10) * (error! / flux) : NaN,
    ),
    numeric('separation', 4, 'angle between (ra1, dec1) and (ra2, dec2), all in degrees', separation),
  ].map((entry) => [entry.name.toLowerCase(), entry]),
);
