// Every stored FITS file against what astropy 8.0.1 found in it (fits_truth.json of each set).

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { judgeFile, storedTruth } from '../../../test/accuracy/foundations/fits-truth.js';
import { openFits } from './index.js';

const root = process.env['ALMAGEST_TEST_DATA'];
const SETS = [
  '8_fits',
  '1_raw_ccd',
  '3_coadd_astrometry',
  '9_vo_hips_moc',
  '2_difference',
  '4_refcats',
  '6_lightcurves',
  '7_solar_system',
];

if (root) {
  describe.each(SETS)('every file of %s', (set) => {
    it.each(storedTruth(root, set))('%s', async (path, hdus) => {
      expect(existsSync(join(root, path))).toBe(true);
      const refused = hdus[0]?.error !== undefined && hdus[0].i === undefined;
      expect(await judgeFile(join(root, path), hdus)).toMatchObject({ kind: refused ? 'refused' : 'right' });
    });
  });
  it('good and bad checksums are told apart', async () => {
    const verdicts = async (name: string): Promise<unknown[]> => {
      const file = await openFits(join(root, '8_fits/astropy_fits_core', name));
      const found = await Promise.all(file.hdus.map((hdu) => hdu.verifyChecksum()));
      await file.close();
      return found;
    };
    const good = { datasum: true, checksum: true };
    expect(await verdicts('checksum.fits')).toEqual([good, good]);
    expect(await verdicts('checksum_false.fits')).not.toContainEqual(good);
  });
} else
  it('says which tests need the stored data', () => {
    console.log('not run: 269 tests need ALMAGEST_TEST_DATA');
    expect(root).toBeUndefined();
  });
