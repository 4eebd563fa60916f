// Seeded random numbers: xoshiro128** (Blackman & Vigna 2018) seeded by a hash of labels, so that every frame and purpose has
// a stream of its own and none depends on the order of rendering. Normal deviates by the ziggurat of Marsaglia & Tsang (2000)
// with 128 layers, Poisson deviates by inversion below 12 and by a second-order Cornish-Fisher expansion of the normal above.

const LAYERS = 128;
const R = 3.442619855899;
const V = 9.91256303526217e-3;
/** layer edges and the height of the density there */
const edge = new Float64Array(LAYERS + 1);
const height = new Float64Array(LAYERS + 1);
{
  const f = (x: number): number => Math.exp(-0.5 * x * x);
  edge[0] = V / f(R);
  edge[1] = R;
  for (let i = 2; i < LAYERS; i++) edge[i] = Math.sqrt(-2 * Math.log(V / edge[i - 1]! + f(edge[i - 1]!)));
  edge[LAYERS] = 0;
  for (let i = 0; i <= LAYERS; i++) height[i] = f(edge[i]!);
}

/** FNV-1a over the labels, spread by the finaliser of MurmurHash3. */
function hash(labels: readonly (string | number)[]): number {
  let h = 0x811c9dc5;
  for (const character of labels.join('\u0000')) h = Math.imul(h ^ character.codePointAt(0)!, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Streams of different labels are independent; the same labels give the same stream. */
  constructor(...labels: readonly (string | number)[]) {
    [this.#a, this.#b, this.#c, this.#d] = [1, 2, 3, 4].map((part) => hash([...labels, part])) as [
      number,
      number,
      number,
      number,
    ];
    if ((this.#a | this.#b | this.#c | this.#d) === 0) this.#a = 1;
    for (let i = 0; i < 8; i++) this.bits();
  }

  /** 32 random bits as an unsigned integer */
  bits(): number {
    const b = this.#b;
    let result = Math.imul(b, 5);
    result = Math.imul((result << 7) | (result >>> 25), 9);
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= b << 9;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** in [0, 1) with 53 bits */
  uniform(from = 0, to = 1): number {
    const u = (this.bits() * 2 ** 21 + (this.bits() >>> 11)) / 2 ** 53;
    return from + (to - from) * u;
  }

  /** 0 .. n - 1 */
  integer(n: number): number {
    return Math.floor((this.bits() / 2 ** 32) * n);
  }

  normal(): number {
    for (;;) {
      const bits = this.bits();
      const layer = bits & (LAYERS - 1);
      // 24 remaining bits, the top one being the sign
      const u = (bits >>> 7) / 2 ** 24 - 1;
      const x = u * edge[layer]!;
      if (Math.abs(x) < edge[layer + 1]!) return x;
      if (layer === 0) {
        let tail: number;
        let y: number;
        do {
          tail = -Math.log(1 - this.uniform()) / R;
          y = -Math.log(1 - this.uniform());
        } while (2 * y < tail * tail);
        return u < 0 ? -(R + tail) : R + tail;
      }
      const y = height[layer]! + this.uniform() * (height[layer + 1]! - height[layer]!);
      if (y < Math.exp(-0.5 * x * x)) return x;
    }
  }

  poisson(mean: number): number {
    if (!(mean > 0)) return 0;
    if (mean < 12) {
      let left = this.uniform() - Math.exp(-mean);
      if (left < 0) return 0;
      let p = Math.exp(-mean);
      for (let k = 1; k < 200; k++) {
        p *= mean / k;
        left -= p;
        if (left < 0) return k;
      }
      return 200;
    }
    const g = this.normal();
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * g + (g * g - 1) / 6));
  }
}
