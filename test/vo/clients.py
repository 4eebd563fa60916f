"""What astronomers' clients make of a service: one JSON object per call on stdout.

usage: clients.py <base url> <token> <ra> <dec>; needs pyvo, astroquery and astropy
"""
import io
import json
import sys
import time
import warnings

warnings.simplefilter('ignore')
import pyvo
import requests
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from astropy.units import Quantity

base, token, ra, dec = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])


def call(client, name, function):
    start = time.time()
    try:
        answer = {'ok': True, 'value': function()}
    except Exception as error:  # told to whoever runs this
        answer = {'ok': False, 'error': f'{type(error).__name__}: {error}'}
    print(json.dumps({'client': client, 'call': name, 'ms': round(1e3 * (time.time() - start)), **answer}, default=str), flush=True)
    return answer.get('value')


def refused(function):
    try:
        function()
    except Exception as error:
        return str(error)
    raise RuntimeError('was not refused')


tap = pyvo.dal.TAPService(f'{base}/tap')
QUERY = 'SELECT diaObjectId, ra, dec FROM almagest.DiaObjectLast ORDER BY diaObjectId'

call('pyvo', 'capabilities', lambda: len(tap.capabilities))
call('pyvo', 'availability', lambda: bool(tap.available))
call('pyvo', 'limits', lambda: [tap.maxrec, tap.hardlimit])
call('pyvo', 'tables', lambda: sorted(name for name in tap.tables.keys() if name.startswith('almagest.Dia')))
call('pyvo', 'columns', lambda: [c.name for c in tap.tables['almagest.DiaForcedSource'].columns][:3])
call('pyvo', 'examples', lambda: len([e.execute() for e in tap.examples]))
call('pyvo', 'sync', lambda: len(tap.run_sync(QUERY)))
call('pyvo', 'identifiers', lambda: str(tap.run_sync(QUERY)['diaObjectId'][0]))
call('pyvo', 'overflow', lambda: [len(tap.run_sync(QUERY, maxrec=3)), tap.run_sync(QUERY, maxrec=3).query_status])
call('pyvo', 'error', lambda: refused(lambda: tap.run_sync('SELECT nothing FROM almagest.DiaObjectLast')))
call('pyvo', 'async', lambda: len(tap.run_async(QUERY)))


def job():
    submitted = tap.submit_job(QUERY, maxrec=5)
    submitted.execution_duration = 30
    submitted.run().wait(phases=['COMPLETED', 'ERROR'], timeout=30)
    result = [submitted.phase, len(submitted.fetch_result()), int(submitted.execution_duration.to_value('s') if hasattr(submitted.execution_duration, 'to_value') else submitted.execution_duration)]
    submitted.delete()
    return result


call('pyvo', 'job', job)


def aborted():
    submitted = tap.submit_job(QUERY)
    submitted.abort()
    phase = submitted.phase
    submitted.delete()
    return phase


call('pyvo', 'abort', aborted)
session = requests.Session()
session.headers['Authorization'] = f'Bearer {token}'
mine = pyvo.dal.TAPService(f'{base}/tap', session=session)


def owned():
    submitted = mine.submit_job(QUERY)
    listed = [one.jobid for one in mine.get_job_list()]
    found = submitted.job_id in listed
    submitted.delete()
    return [found, len(tap.get_job_list())]


call('pyvo', 'own jobs', owned)
positions = Table({'name': ['a', 'b'], 'ra': [ra, 120.0], 'dec': [dec, 45.0]})
JOIN = (
    'SELECT u.name, COUNT(*) AS n FROM TAP_UPLOAD.places AS u JOIN almagest.DiaObjectLast AS o '
    'ON DISTANCE(u.ra, u.dec, o.ra, o.dec) < 0.5 GROUP BY u.name'
)
call('pyvo', 'upload', lambda: [[str(row['name']), int(row['n'])] for row in tap.run_sync(JOIN, uploads={'places': positions})])
call('pyvo', 'upload async', lambda: [[str(row['name']), int(row['n'])] for row in tap.run_async(JOIN, uploads={'places': positions})])
for form in ['votable/td', 'votable/b', 'votable/b2']:
    call('astropy', form, lambda: len(Table.read(io.BytesIO(requests.get(f'{base}/tap/sync', params={'LANG': 'ADQL', 'QUERY': QUERY, 'RESPONSEFORMAT': form}).content), format='votable')))
call('astropy', 'csv', lambda: len(Table.read(requests.get(f'{base}/tap/sync', params={'LANG': 'ADQL', 'QUERY': QUERY, 'RESPONSEFORMAT': 'csv'}).text, format='ascii.csv')))
call('astropy', 'tsv', lambda: len(Table.read(requests.get(f'{base}/tap/sync', params={'LANG': 'ADQL', 'QUERY': QUERY, 'RESPONSEFORMAT': 'tsv'}).text, format='ascii.tab')))
call('astropy', 'fits', lambda: len(Table.read(io.BytesIO(requests.get(f'{base}/tap/sync', params={'LANG': 'ADQL', 'QUERY': QUERY, 'RESPONSEFORMAT': 'fits'}).content), format='fits')))
call('json', 'json', lambda: len(requests.get(f'{base}/tap/sync', params={'LANG': 'ADQL', 'QUERY': QUERY, 'RESPONSEFORMAT': 'json'}).json()['data']))

place = SkyCoord(ra, dec, unit='deg')
cone = pyvo.dal.SCSService(f'{base}/scs/DiaObjectLast?')
call('pyvo', 'cone search', lambda: len(cone.search(place, 0.4)))
call('pyvo', 'cone search far away', lambda: len(cone.search(SkyCoord(100, 20, unit='deg'), 0.1)))
call('pyvo', 'cone search error', lambda: refused(lambda: pyvo.dal.scs.search(f'{base}/scs/DiaObjectLast?', (ra, dec), radius=400)))

# SIA2Service in later versions
sia = (pyvo.dal.SIA2Service if hasattr(pyvo.dal, 'SIA2Service') else pyvo.dal.sia2.SIAService)(f'{base}/sia')
here = Quantity([ra, dec, 0.1], 'deg')
call('pyvo', 'SIA2', lambda: [str(row['obs_publisher_did']) for row in sia.search(pos=here)])
call('pyvo', 'SIA2 elsewhere', lambda: len(sia.search(pos=Quantity([100, 20, 0.1], 'deg'))))
call('pyvo', 'SIA2 by band', lambda: [len(sia.search(band=(5e-7, 5.1e-7))), len(sia.search(band=(2e-6, 3e-6)))])


def links():
    row = tap.run_sync("SELECT * FROM ivoa.ObsCore WHERE dataset_type = 'calexp'")[0]
    return [str(link['semantics']) for link in row.getdatalink()]


call('pyvo', 'DataLink', links)


def cutout():
    image = sia.search(pos=here)[0]
    hdus = fits.open(io.BytesIO(image.processed(circle=Quantity([ra, dec, 0.001], 'deg')).read()))
    return [hdu.name for hdu in hdus][1:] + list(hdus['IMAGE'].shape)


call('pyvo', 'SODA through DataLink', cutout)

from astroquery.utils.tap.core import TapPlus

plus = TapPlus(url=f'{base}/tap')
call('astroquery', 'sync', lambda: len(plus.launch_job(QUERY).get_results()))
call('astroquery', 'async with PHASE=RUN', lambda: len(plus.launch_job_async(QUERY).get_results()))
call('astroquery', 'upload', lambda: len(plus.launch_job(JOIN.replace('TAP_UPLOAD.places', 'tap_upload.places'), upload_resource=positions, upload_table_name='places').get_results()))
