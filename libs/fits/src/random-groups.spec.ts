import { describe, expect, it } from '@jest/globals';
import { Header, openFits } from './index.js';

/** Two groups of two parameters of one name, one of another, and an array of 3 x 2, in 16-bit integers. */
function file(cards: Record<string, number | string> = {}, groups = 2): Uint8Array {
  const header = Header.of([
    ['SIMPLE', true],
    ['BITPIX', 16],
    ['NAXIS', 3],
    ['NAXIS1', 0],
    ['NAXIS2', 3],
    ['NAXIS3', 2],
    ['GROUPS', true],
    ['PCOUNT', 3],
    ['GCOUNT', groups],
    ['PTYPE1', 'DATE'],
    ['PTYPE2', 'UU'],
    ['PTYPE3', 'DATE'],
    ['PZERO1', 2400000.5],
    ['PSCAL3', 0.25],
    ['BSCALE', 0.5],
    ['BLANK', -1],
    ...Object.entries(cards),
  ]);
  const head = header.encode();
  const bytes = new Uint8Array(head.length + 2880);
  bytes.set(head);
  const view = new DataView(bytes.buffer, head.length);
  [50000, 7, 3, 1, 2, -1, 4, 5, 6].forEach((value, i) => view.setInt16(2 * i, value - (i === 0 ? 40000 : 0)));
  [10001, 8, 1, 10, 20, 30, 40, 50, 60].forEach((value, i) => view.setInt16(18 + 2 * i, value));
  return bytes;
}

describe('random groups (FITS Standard 4.0, section 6)', () => {
  it('parameters of one name add up, the array is scaled, BLANK is NaN', async () => {
    const hdu = (await openFits(file())).hdu(0);
    expect(hdu.kind).toBe('random-groups');
    const table = await hdu.readTable();
    expect(table.columns.map(({ name }) => name)).toEqual(['DATE', 'UU']);
    expect(table.data('DATE', 'double')).toEqual(Float64Array.of(2410001.25, 2410001.75));
    expect(table.data('UU', 'double')).toEqual(Float64Array.of(7, 8));
    expect(table.field('DATA').dim).toEqual([3, 2]);
    expect(table.field('DATA').value(0)).toEqual(Float64Array.of(0.5, 1, NaN, 2, 2.5, 3));
    expect(table.field('DATA').value(1)).toEqual(Float64Array.of(5, 10, 15, 20, 25, 30));
  });
  it('a group that is not there, a file that is too short and an image are refused', async () => {
    const table = await (await openFits(file())).hdu(0).readTable();
    expect(() => table.field('DATA').value(2)).toThrow(expect.objectContaining({ code: 'BAD_TABLE' }));
    const long = (await openFits(file({}, 1000))).hdu(0);
    await expect(long.readTable()).rejects.toMatchObject({ code: 'TRUNCATED' });
    await expect((await openFits(file())).hdu(0).readImage()).rejects.toMatchObject({ code: 'WRONG_KIND' });
  });
});
