import { describe, expect, it } from '@jest/globals';
import { describeFailure, isOutageCode, outageCode, TaskFailure } from './index.js';

const coded = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code });

describe('outageCode', () => {
  it.each([
    ['a refused connection', coded('ECONNREFUSED'), 'ECONNREFUSED'],
    ['every address refused', new AggregateError([coded('ECONNREFUSED')]), 'ECONNREFUSED'],
    ['a server that shuts down', coded('57P01'), '57P01'],
    [
      'a broken connection of pg, which has no code',
      new Error('Connection terminated unexpectedly'),
      'CONNECTION_LOST',
    ],
    ['one wrapped by an ORM', Object.assign(new Error('query failed'), { driverError: coded('08006') }), '08006'],
    ['one as a cause', new Error('not stored', { cause: coded('ECONNRESET') }), 'ECONNRESET'],
    [
      'a transaction whose connection broke',
      Object.assign(new Error('x'), { name: 'QueryRunnerAlreadyReleasedError' }),
      'CONNECTION_LOST',
    ],
  ])('knows %s', (_, error, code) => {
    expect(outageCode(error)).toBe(code);
    expect(isOutageCode(code)).toBe(true);
    expect(describeFailure(error)).toMatchObject({ kind: 'transient', code });
  });

  it('takes faults of the work for what they are', () => {
    for (const error of [new RangeError('Connection of x'), coded('23505'), coded('ENOENT'), 'text', undefined])
      expect(outageCode(error)).toBeUndefined();
    const circle = new Error('a');
    circle.cause = circle;
    expect(outageCode(circle)).toBeUndefined();
    expect(isOutageCode('UNEXPECTED_ERROR')).toBe(false);
    expect(describeFailure(coded('23505'))).toMatchObject({ kind: 'bug' });
    expect(describeFailure(new TaskFailure('algorithm', 'NO_FIT', 'x', {}, { cause: coded('ECONNRESET') })).kind).toBe(
      'algorithm',
    );
  });
});
