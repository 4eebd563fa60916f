// Functions of the filter language. All are total: what has no value (square root of -1, missing input) is NULL.

const DEGREE = Math.PI / 180;

export interface FilterFunction {
  readonly name: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly description: string;
  /** numbers in, number out; NaN stands for NULL */
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
  evaluate,
});

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
    numeric('exp', 1, 'exponential', Math.exp),
    numeric('ln', 1, 'natural logarithm', (x) => (x > 0 ? Math.log(x) : NaN)),
    numeric('log10', 1, 'decimal logarithm', (x) => (x > 0 ? Math.log10(x) : NaN)),
    numeric('power', 2, 'x to the power y', (x, y) => x ** y),
    numeric('floor', 1, 'largest whole number not above', Math.floor),
    numeric('ceil', 1, 'smallest whole number not below', Math.ceil),
    numeric('round', 1, 'nearest whole number', Math.round),
    numeric('sin', 1, 'sine of an angle in degrees', (x) => Math.sin(x * DEGREE)),
    numeric('cos', 1, 'cosine of an angle in degrees', (x) => Math.cos(x * DEGREE)),
    numeric('least', [1, 16], 'smallest of the arguments', Math.min),
    numeric('greatest', [1, 16], 'largest of the arguments', Math.max),
    numeric(
      'coalesce',
      [1, 16],
      'first argument that is not NULL',
      (...values) => values.find((value) => !Number.isNaN(value)) ?? NaN,
    ),
    numeric('mag', 1, 'AB magnitude of a flux in nJy', (flux) => (flux > 0 ? 31.4 - 2.5 * Math.log10(flux) : NaN)),
    numeric('magErr', 2, 'magnitude error from flux and flux error', (flux, error) =>
      flux > 0 ? (2.5 / Math.LN10) * (error / flux) : NaN,
    ),
    numeric('separation', 4, 'angle between (ra1, dec1) and (ra2, dec2), all in degrees', separation),
  ].map((entry) => [entry.name.toLowerCase(), entry]),
);
