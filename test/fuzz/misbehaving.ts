// A reader that misbehaves on purpose, by the first byte of its input: it refuses, throws, hangs, hoards memory or ends the process.
import type { FuzzTarget } from './fuzz-target.js';

class Refusal extends Error {
  readonly code = 'REFUSED';
}

const hoard: Uint8Array[] = [];

export const misbehavingTarget: FuzzTarget = {
  name: 'misbehaving',
  seeds: () => [1, 2, 3, 4, 5, 6].map((first) => Uint8Array.of(first, 0, 0, 0, 0, 0, 0, 0)),
  attempt(input) {
    switch (input[0]) {
      case 1:
        throw new Refusal('refused');
      case 2:
        throw new TypeError('thrown');
      case 3:
        for (;;);
      case 4:
        for (let i = 0; i < 60; i++) hoard.push(new Uint8Array(10 << 20).fill(1));
        return;
      case 5:
        process.abort();
    }
  },
  isTyped: (error) => error instanceof Refusal,
};
