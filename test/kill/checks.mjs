// What a survey has left behind, and what must hold of it however often processes were killed.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Counts, and digests that tell whether the rows are the same. */
const FACTS = {
  sources: `SELECT count(*) FROM "Source"`,
  sourcesDigest: `SELECT md5(string_agg(concat_ws(' ', "sourceId", ra, dec, "psfFlux"), ',' ORDER BY "sourceId")) FROM "Source"`,
  diaSources: `SELECT count(*) FROM "DiaSource"`,
  diaSourcesDigest: `SELECT md5(string_agg(concat_ws(' ', "diaSourceId", ra, dec, "psfFlux"), ',' ORDER BY "diaSourceId")) FROM "DiaSource"`,
  diaObjects: `SELECT count(*) FROM "DiaObjectLast"`,
  forcedSources: `SELECT count(*) FROM "DiaForcedSource"`,
  ssSources: `SELECT count(*) FROM "SSSource"`,
  alerts: `SELECT count(*) FROM alert`,
  alertsDigest: `SELECT md5(string_agg("diaSourceId"::text, ',' ORDER BY "diaSourceId")) FROM alert`,
  filterMatches: `SELECT count(*) FROM filter_match`,
  commits: `SELECT count(*) FROM visit_commit`,
};

/** What depends on which visit was there first. */
const BY_ORDER = ['diaObjects', 'forcedSources'];

const single = async (dataSource, sql) => {
  const [row] = await dataSource.query(sql);
  const value = Object.values(row)[0];
  return typeof value === 'bigint' ? Number(value) : value;
};

export async function factsOf(dataSource) {
  const facts = {};
  for (const [name, sql] of Object.entries(FACTS)) facts[name] = await single(dataSource, sql);
  return facts;
}

/** Every check as { name, ok, detail }. `acknowledged`: file name to checksum, as the driver was told. */
export async function checksOf(dataSource, { dataDir, survey, acknowledged, facts, reference, together }) {
  const checks = [];
  const check = (name, ok, detail = '') => checks.push({ name, ok, detail: String(detail) });
  const count = (sql) => single(dataSource, sql);

  const rows = await dataSource.query('SELECT checksum, storage_key, size FROM raw_frame');
  const stored = new Map(rows.map((row) => [row.checksum, row]));
  const lost = [];
  for (const [file, checksum] of acknowledged) {
    const row = stored.get(checksum);
    const bytes = row && (await readFile(join(dataDir, 'store', row.storage_key)).catch(() => undefined));
    const intact =
      bytes &&
      BigInt(bytes.length) === BigInt(row.size) &&
      checksum.includes(createHash('sha256').update(bytes).digest('hex'));
    if (!intact) lost.push(file);
  }
  const expected = [...survey.calibrations, ...survey.visits].flatMap(({ files }) => files).length;
  check(
    'no acknowledged frame is lost',
    lost.length === 0,
    `${acknowledged.size} acknowledged, lost: ${lost.join(' ') || 'none'}`,
  );
  check(
    'every frame of the survey is in, once',
    stored.size === expected && acknowledged.size === expected,
    `${stored.size} of ${expected}`,
  );

  const doubled = await count('SELECT count(*) - count(DISTINCT "diaSourceId") FROM "DiaSource"');
  check('no DIASource is doubled', doubled === 0, doubled);
  const [alerts, distinct, outbox, unpublished] = [
    await count('SELECT count(*) FROM alert'),
    await count('SELECT count(DISTINCT "diaSourceId") FROM alert'),
    await count('SELECT count(*) FROM alert_outbox'),
    await count('SELECT count(*) FROM alert_outbox WHERE published_at IS NULL'),
  ];
  check(
    'every promised alert is published, once',
    alerts === distinct && alerts === outbox && unpublished === 0,
    `${alerts} alerts, ${distinct} distinct, ${outbox} promised`,
  );
  const pairs = survey.visits.length * survey.detectors.length;
  const [commits, distinctCommits] = [
    await count('SELECT count(*) FROM visit_commit'),
    await count('SELECT count(DISTINCT (visit, detector)) FROM visit_commit'),
  ];
  check(
    'one commit per visit and detector',
    commits === distinctCommits && commits === pairs,
    `${commits} of ${pairs}`,
  );
  const rowsOfCommits = await count(`SELECT coalesce(sum(dia_sources), 0)::int FROM visit_commit`);
  check(
    'the ledger agrees with the catalog',
    rowsOfCommits === facts.diaSources,
    `${rowsOfCommits} and ${facts.diaSources} DIASources`,
  );
  const astray = await count(
    `SELECT count(*) FROM "DiaSource" s LEFT JOIN "DiaObjectLast" o USING ("diaObjectId")
     WHERE (s."diaObjectId" IS NULL) = (s."ssObjectId" IS NULL) OR (s."diaObjectId" IS NOT NULL AND o."diaObjectId" IS NULL)`,
  );
  check('every DIASource belongs to one object', astray === 0, `${astray} do not`);
  const miscounted = await count(
    `SELECT count(*) FROM "DiaObjectLast" o
     WHERE o."nDiaSources" <> (SELECT count(*) FROM "DiaSource" s WHERE s."diaObjectId" = o."diaObjectId")`,
  );
  check('every object counts its DIASources', miscounted === 0, `${miscounted} do not`);
  const states = await dataSource.query(
    `SELECT status, count(*)::int AS visits FROM observed_visit WHERE purpose = 'science' GROUP BY status`,
  );
  check(
    'every visit is complete',
    states.length === 1 && states[0].status === 'complete' && states[0].visits === survey.visits.length,
    states.map(({ status, visits }) => `${visits} ${status}`).join(', '),
  );
  const open = await dataSource.query(
    `SELECT job_id, phase, error FROM job WHERE phase NOT IN ('COMPLETED', 'ARCHIVED') ORDER BY job_id`,
  );
  check(
    'every job is completed',
    open.length === 0,
    open.map(({ job_id: id, phase, error }) => `${id} ${phase} ${error?.message ?? ''}`).join('; '),
  );
  if (reference)
    for (const name of Object.keys(FACTS).filter((fact) => !together || !BY_ORDER.includes(fact)))
      check(
        `${name} as in the undisturbed run`,
        facts[name] === reference[name],
        `${facts[name]} and ${reference[name]}`,
      );
  return checks;
}
