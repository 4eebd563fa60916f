export type MetricsErrorCode = 'invalid_name' | 'duplicate' | 'invalid_value';

export class MetricsError extends Error {
  constructor(
    readonly code: MetricsErrorCode,
    message: string,
    readonly value: unknown,
  ) {
    super(message);
    this.name = 'MetricsError';
  }
}

export type Labels = Readonly<Record<string, string>>;

/** Seconds; from a database round trip to a long pixel job. */
export const DURATION_BUCKETS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];

interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  samples(): Iterable<readonly [name: string, labels: Labels, value: number]>;
}

class Counter {
  readonly #values = new Map<string, { labels: Labels; value: number }>();
  constructor(private readonly name: string) {}

  increment(labels: Labels = {}, by = 1): void {
    if (!(by >= 0)) throw new MetricsError('invalid_value', `counter ${this.name} cannot grow by ${by}`, by);
    entry(this.#values, labels, () => ({ labels, value: 0 })).value += by;
  }
  value(labels: Labels = {}): number {
    return this.#values.get(keyOf(labels))?.value ?? 0;
  }
  *samples(): Iterable<readonly [string, Labels, number]> {
    for (const { labels, value } of this.#values.values()) yield [this.name, labels, value];
  }
}

class Gauge {
  readonly #values = new Map<string, { labels: Labels; value: number }>();
  constructor(private readonly name: string) {}

  set(value: number, labels: Labels = {}): void {
    entry(this.#values, labels, () => ({ labels, value: 0 })).value = value;
  }
  *samples(): Iterable<readonly [string, Labels, number]> {
    for (const { labels, value } of this.#values.values()) yield [this.name, labels, value];
  }
}

class Histogram {
  readonly #values = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>();
  constructor(
    private readonly name: string,
    private readonly buckets: readonly number[],
  ) {
    if (buckets.some((bound, i) => !Number.isFinite(bound) || (i > 0 && bound <= buckets[i - 1]!)))
      throw new MetricsError('invalid_value', `the bucket bounds of ${name} must grow`, buckets);
  }

  observe(value: number, labels: Labels = {}): void {
    if (Number.isNaN(value))
      throw new MetricsError('invalid_value', `histogram ${this.name} cannot observe NaN`, value);
    const series = entry(this.#values, labels, () => ({ labels, counts: this.buckets.map(() => 0), sum: 0, count: 0 }));
    const bucket = this.buckets.findIndex((bound) => value <= bound);
    if (bucket >= 0) series.counts[bucket]!++;
    series.sum += value;
    series.count++;
  }

  /** Observes how many seconds `work` takes, also when it fails. */
  async time<T>(work: () => Promise<T>, labels: Labels = {}): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.observe((performance.now() - start) / 1000, labels);
    }
  }

  *samples(): Iterable<readonly [string, Labels, number]> {
    for (const { labels, counts, sum, count } of this.#values.values()) {
      let cumulative = 0;
      for (const [i, bound] of this.buckets.entries()) {
        cumulative += counts[i]!;
        yield [`${this.name}_bucket`, { ...labels, le: String(bound) }, cumulative];
      }
      yield [`${this.name}_bucket`, { ...labels, le: '+Inf' }, count];
      yield [`${this.name}_sum`, labels, sum];
      yield [`${this.name}_count`, labels, count];
    }
  }
}

export type { Counter, Gauge, Histogram };

/** The numbers of one process, rendered in Prometheus' text exposition format 0.0.4. */
export class MetricsRegistry {
  readonly #metrics = new Map<string, Metric>();

  counter(name: string, help: string): Counter {
    return this.#register(name, 'counter', help, new Counter(name));
  }
  gauge(name: string, help: string): Gauge {
    return this.#register(name, 'gauge', help, new Gauge(name));
  }
  histogram(name: string, help: string, buckets: readonly number[] = DURATION_BUCKETS): Histogram {
    return this.#register(name, 'histogram', help, new Histogram(name, buckets));
  }

  render(): string {
    let text = '';
    for (const [name, metric] of this.#metrics) {
      text += `# HELP ${name} ${metric.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${metric.type}\n`;
      for (const [sample, labels, value] of metric.samples())
        text += `${sample}${renderLabels(labels)} ${renderNumber(value)}\n`;
    }
    return text;
  }

  #register<M extends Pick<Metric, 'samples'>>(name: string, type: Metric['type'], help: string, metric: M): M {
    if (!/^[a-zA-Z_:][\w:]*$/.test(name)) throw new MetricsError('invalid_name', `not a metric name: ${name}`, name);
    if (this.#metrics.has(name)) throw new MetricsError('duplicate', `there is a metric ${name} already`, name);
    this.#metrics.set(name, { type, help, samples: () => metric.samples() });
    return metric;
  }
}

const keyOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

function entry<T>(map: Map<string, T>, labels: Labels, make: () => T): T {
  const key = keyOf(labels);
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
const renderNumber = (value: number): string =>
  value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
