// Queries to start from: XHTML with RDFa, as DALI 1.1 section 2.3 wants it, so that clients make a menu of them.

interface Example {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly query: string;
  readonly table?: string;
}

export const EXAMPLES: readonly Example[] = [
  {
    id: 'cone',
    name: 'Objects around a position',
    text: 'Variable objects within 0.1 deg of a position, nearest first.',
    table: 'almagest.DiaObjectLast',
    query: `SELECT TOP 100 diaObjectId, ra, dec, nDiaSources, DISTANCE(POINT('ICRS', ra, dec), POINT('ICRS', 53.1, -27.8)) AS dist
FROM almagest.DiaObjectLast
WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 53.1, -27.8, 0.1))
ORDER BY dist`,
  },
  {
    id: 'lightcurve',
    name: 'Light curve of an object',
    text: 'All detections of one object in the order of time. Put the identifier of an object in the place of 0.',
    table: 'almagest.DiaSource',
    query: `SELECT midpointMjdTai, band, psfFlux, psfFluxErr
FROM almagest.DiaSource
WHERE diaObjectId = 0
ORDER BY midpointMjdTai`,
  },
  {
    id: 'variables',
    name: 'Objects with the most detections',
    text: 'The hundred objects that were detected most often.',
    table: 'almagest.DiaObjectLast',
    query: `SELECT TOP 100 diaObjectId, ra, dec, nDiaSources
FROM almagest.DiaObjectLast
ORDER BY nDiaSources DESC`,
  },
  {
    id: 'asteroids',
    name: 'Detections of Solar System objects',
    text: 'Where known Solar System objects were seen.',
    table: 'almagest.SSSource',
    query: `SELECT TOP 1000 s.designation, d.midpointMjdTai, d.ra, d.dec, d.psfFlux, d.band
FROM almagest.SSSource AS s JOIN almagest.DiaSource AS d ON s.diaSourceId = d.diaSourceId
ORDER BY designation, midpointMjdTai`,
  },
  {
    id: 'images',
    name: 'Images that cover a position',
    text: 'Calibrated exposures whose outline contains a position.',
    table: 'ivoa.ObsCore',
    query: `SELECT TOP 100 obs_publisher_did, t_min, instrument_name, access_url
FROM ivoa.ObsCore
WHERE dataset_type = 'calexp' AND 1 = CONTAINS(POINT('ICRS', 53.1, -27.8), s_region)
ORDER BY t_min`,
  },
  {
    id: 'columns',
    name: 'Columns of a table',
    text: 'What the columns of a table are.',
    table: 'TAP_SCHEMA.columns',
    query: `SELECT column_name, datatype, unit, ucd, description
FROM TAP_SCHEMA.columns
WHERE table_name = 'almagest.DiaSource'
ORDER BY column_index`,
  },
];

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const exampleXhtml = ({ id, name, text, query, table }: Example): string => `
<div typeof="example" id="${id}" resource="#${id}">
<h2 property="name">${escaped(name)}</h2>
<p>${escaped(text)}</p>${table === undefined ? '' : `\n<p>Table: <em property="table">${escaped(table)}</em></p>`}
<pre property="query">${escaped(query)}</pre>
</div>`;

export const examplesPage = (base: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml">
<head><title>Queries to start from</title></head>
<body vocab="http://www.ivoa.net/rdf/examples#">
<h1>Queries to start from</h1>
<p>They run as they are at ${escaped(base)}.</p>
${EXAMPLES.map(exampleXhtml).join('\n')}
</body>
</html>
`;
