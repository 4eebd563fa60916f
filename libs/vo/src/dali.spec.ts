import { describe, expect, it } from '@jest/globals';
import { DaliParameters, intervalOf, shapeOf } from './dali.js';

describe('parameters', () => {
  it('have names in any case, may be repeated, and the last one wins where one is wanted', () => {
    const parameters = new DaliParameters({ lang: 'ADQL', MaxRec: '5' }, { ID: ['a', 'b'], maxrec: '7', other: '' });
    expect(parameters.get('LANG')).toBe('ADQL');
    expect(parameters.integer('MAXREC')).toBe(7);
    expect(parameters.all('ID')).toEqual(['a', 'b']);
    expect(parameters.get('OTHER')).toBeUndefined();
  });

  it('are refused by name and value', () => {
    const parameters = new DaliParameters({ MAXREC: '-1' });
    expect(() => parameters.integer('MAXREC')).toThrow("MAXREC must be a whole number >= 0, not '-1'");
    expect(() => parameters.require('QUERY')).toThrow('the parameter QUERY is missing');
  });
});

describe('shapes', () => {
  it.each([
    ['CIRCLE 0 -90 0.5', { kind: 'circle', lon: 0, lat: -90, radius: 0.5 }],
    ['circle 360 1e1 1', { kind: 'circle', lon: 360, lat: 10, radius: 1 }],
    ['RANGE 10 20 -Inf +Inf', { kind: 'range', lon: { low: 10, high: 20 }, lat: { low: -Infinity, high: Infinity } }],
    ['POLYGON 0 0 1 0 1 1', { kind: 'polygon', vertices: [0, 0, 1, 0, 1, 1] }],
  ])('are read: %s', (text, shape) => expect(shapeOf('POS', text)).toEqual(shape));

  it.each([
    '',
    'CIRCLE',
    'CIRCLE 1 2',
    'CIRCLE 1 91 1',
    'CIRCLE 1 2 -1',
    'CIRCLE 1 2 NaN',
    'BOX 1 2 3 4',
    'POLYGON 0 0 1 1',
    'POLYGON 0 0 1 0 1',
    'RANGE 20 10 0 1',
    'CIRCLE 1 2 0x3',
  ])('are refused with the reason: "%s"', (text) => expect(() => shapeOf('POS', text)).toThrow(/^POS: /));
});

describe('intervals', () => {
  it('may be one number, or open', () => {
    expect(intervalOf('TIME', '5')).toEqual({ low: 5, high: 5 });
    expect(intervalOf('TIME', '-Inf 5')).toEqual({ low: -Infinity, high: 5 });
    expect(() => intervalOf('TIME', '6 5')).toThrow(/low <= high/);
    expect(() => intervalOf('TIME', '1 2 3')).toThrow(/interval/);
  });
});
