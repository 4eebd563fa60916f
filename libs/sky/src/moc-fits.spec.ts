import { describe, expect, it } from '@jest/globals';
import { encodeFits, Header, openFits } from '#libs/fits';
import { Table } from '#libs/table';
import { encodeMocFits, Moc, readMocFits, SkyError, SpaceTimeMoc, TimeMoc } from './index.js';

const space = Moc.fromAscii('3/3,10 4/16-18,22 17/222 28/123456789 29/');
const time = TimeMoc.fromAscii('31/1 32/4 35/');
const spaceTime = SpaceTimeMoc.fromAscii('t61/1,3,5 s3/1-3 4/ t61/50,52 s4/25 7/');

/** a table of one column with the given keywords */
function mocFile(
  values: readonly bigint[],
  keywords: Readonly<Record<string, string | number>>,
  name = 'UNIQ',
): Uint8Array {
  const table = new Table([{ name, type: 'long', data: BigInt64Array.from(values) }]);
  return encodeFits([{ kind: 'table', table, header: Header.of(keywords) }]);
}

describe('MOC in FITS', () => {
  it.each([['NUNIQ'], ['RANGE']] as const)('a spatial map comes back from %s', async (ordering) => {
    const back = await readMocFits(encodeMocFits(space, { ordering, header: { MOCID: 'ivo://x/y' } }));
    expect(back).toBeInstanceOf(Moc);
    expect(back.toAscii()).toBe(space.toAscii());
  });
  it('time and space-time maps come back, with their orders', async () => {
    expect((await readMocFits(encodeMocFits(time))).toAscii()).toBe(time.toAscii());
    const back = (await readMocFits(encodeMocFits(spaceTime))) as SpaceTimeMoc;
    expect(back.maxSpaceOrder).toBe(7);
    expect(back.time().equals(spaceTime.time())).toBe(true);
    expect(back.space().equals(spaceTime.space())).toBe(true);
  });
  it('an order in the header that is coarser than the ranges gives way to theirs', async () => {
    const back = await readMocFits(mocFile([1n << 40n, 3n << 40n], { ORDERING: 'RANGE', MOCORD_S: 3 }));
    expect(back.toAscii()).toBe('9/1-2');
  });
  it('an empty map is a table without rows', async () => {
    const back = (await readMocFits(encodeMocFits(Moc.empty(7)))) as Moc;
    expect(back.isEmpty).toBe(true);
    expect(back.maxOrder).toBe(7);
  });
  it('writes the keywords of the standard', async () => {
    const { hdus } = await openFits(encodeMocFits(space));
    const { header } = hdus[1]!;
    expect(['MOCDIM', 'ORDERING', 'COORDSYS', 'MOCORD_S', 'MOCORDER', 'MOCVERS'].map((key) => header.get(key))).toEqual(
      ['SPACE', 'NUNIQ', 'C', 29, 29, '2.0'],
    );
  });
  it('reads the files of MOC 1: no MOCDIM, 32-bit numbers, a column besides', async () => {
    const table = new Table([
      { name: 'PROBDENSITY', type: 'double', data: Float64Array.of(1, 2) },
      { name: 'UNIQ', type: 'int', data: Int32Array.of(4, 17) },
    ]);
    const bytes = encodeFits([{ kind: 'table', table, header: Header.of({ ORDERING: 'NUNIQ', MOCORDER: 3 }) }]);
    expect((await readMocFits(bytes)).toAscii()).toBe('0/0 3/');
  });
  it.each([
    ['NUNIQ numbers that are none', [4n, 3n], {}, 'number 1 from 0'],
    ['a range that ends before it begins', [5n, 2n], { ORDERING: 'RANGE' }, 'bounds 0 and 1'],
    ['a range without an end', [5n, 7n, 9n], { ORDERING: 'RANGE' }, 'bounds 2 and 3'],
    ['a range beyond the sky', [5n, 1n << 62n], { ORDERING: 'RANGE' }, 'is no range of space'],
    ['an order that does not exist', [4n], { MOCORDER: 31 }, 'from 0 to 29, not 31'],
    ['another frame', [4n], { COORDSYS: 'G' }, 'COORDSYS is G'],
    ['another time system', [4n, 5n], { MOCDIM: 'TIME', TIMESYS: 'UTC' }, 'TIMESYS is UTC'],
    ['an ordering that is not read', [4n], { ORDERING: 'NESTED' }, 'ORDERING NESTED is not read'],
    ['space before any time', [4n, 5n], { MOCDIM: 'TIME.SPACE' }, 'row 0'],
  ])('refuses %s', async (_, values, keywords, message) => {
    await expect(readMocFits(mocFile(values, keywords as Record<string, string>))).rejects.toThrow(SkyError);
    await expect(readMocFits(mocFile(values, keywords as Record<string, string>))).rejects.toThrow(message);
  });
  it('refuses files without a table or without integers', async () => {
    await expect(readMocFits(encodeFits([]))).rejects.toThrow('no binary table');
    const table = new Table([{ name: 'UNIQ', type: 'double', data: Float64Array.of(4) }]);
    await expect(readMocFits(encodeFits([{ kind: 'table', table }]))).rejects.toThrow('not one integer per row');
  });
});
