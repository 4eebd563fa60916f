// What can be killed, and how it comes back: the product's own processes are started again by the stack, the servers by whoever runs them.

import { Redis } from 'ioredis';
import { childrenOf, isAlive } from './services.mjs';

const kill9 = (pid) => {
  process.kill(pid, 'SIGKILL');
  return `kill -9 ${pid}`;
};

/** Each target: a name and a function that kills it and says what it did. */
export function targetsOf(stack, { postgres, redis }) {
  const product = (name) => ({ name, strike: () => Promise.resolve(kill9(stack.processes.get(name).pid)) });
  const targets = [product('alert-production'), product('alert-filters'), product('api')];
  if (!postgres) {
    targets.push({
      name: 'database engine',
      strike: () => Promise.resolve(kill9(childrenOf(stack.processes.get('embedded-db').pid).find(isAlive))),
    });
    targets.push({ ...product('embedded-db'), name: 'database supervisor' });
    return targets;
  }
  targets.push({
    name: 'postgres backend',
    strike: () => {
      // any connection of ours: PostgreSQL then ends all of them and recovers
      const backends = childrenOf(postgres.server.pid).filter((pid) => isAlive(pid));
      return Promise.resolve(kill9(backends.at(-1)));
    },
  });
  targets.push({
    name: 'postgres',
    strike: async () => {
      const pid = await postgres.server.kill();
      await postgres.server.start();
      return `kill -9 ${pid}, started again`;
    },
  });
  targets.push({
    name: 'redis',
    strike: async () => {
      const pid = await redis.server.kill();
      await redis.server.start();
      return `kill -9 ${pid}, started again with what it had saved`;
    },
  });
  targets.push({
    name: 'redis FLUSHALL',
    strike: async () => {
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
      return 'everything in it is gone';
    },
  });
  return targets;
}

/** mulberry32: the same seed, the same kills. */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A pack of targets, shuffled and dealt until `count` are out: every one of them is struck before any is struck twice. */
export function deal(targets, count, random) {
  const dealt = [];
  while (dealt.length < count) {
    const pack = [...targets];
    while (pack.length > 0 && dealt.length < count) dealt.push(pack.splice(Math.floor(random() * pack.length), 1)[0]);
  }
  return dealt;
}
