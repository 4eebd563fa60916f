/** Gathers the keys asked for in one turn of the event loop and loads them together: one query per field, not one per row. Keeps nothing. */
export class Batch<K, V> {
  #waiting = new Map<
    K,
    { promise: Promise<V | undefined>; resolve: (value: V | undefined) => void; reject: (error: unknown) => void }
  >();

  constructor(
    private readonly load: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
    private readonly maximum = 500,
  ) {}

  get(key: K): Promise<V | undefined> {
    const known = this.#waiting.get(key);
    if (known) return known.promise;
    if (this.#waiting.size === 0) setImmediate(() => this.#flush());
    let settle!: { resolve: (value: V | undefined) => void; reject: (error: unknown) => void };
    const promise = new Promise<V | undefined>((resolve, reject) => (settle = { resolve, reject }));
    this.#waiting.set(key, { promise, ...settle });
    return promise;
  }

  #flush(): void {
    const all = [...this.#waiting];
    this.#waiting = new Map();
    for (let start = 0; start < all.length; start += this.maximum) {
      const part = all.slice(start, start + this.maximum);
      this.load(part.map(([key]) => key)).then(
        (values) => part.forEach(([key, { resolve }]) => resolve(values.get(key))),
        (error: unknown) => part.forEach(([, { reject }]) => reject(error)),
      );
    }
  }
}
