// ADQL and the same question in SQL written by hand. Results are compared as sets of rows, or in order where ORDER BY stands.
import type { Case } from './case.js';

const SELECTING: readonly Case[] = [
  ['SELECT objId FROM Obj', 'SELECT p_id FROM p_obj'],
  ['SELECT ALL objId FROM Obj', 'SELECT p_id FROM p_obj'],
  ['select OBJID from OBJ', 'SELECT p_id FROM p_obj'],
  ['SELECT DISTINCT band FROM Obj', 'SELECT DISTINCT p_band FROM p_obj'],
  ['SELECT DISTINCT band, flag FROM Obj', 'SELECT DISTINCT p_band, p_flag FROM p_obj'],
  ['SELECT TOP 5 objId FROM Obj ORDER BY objId', 'SELECT p_id FROM p_obj ORDER BY p_id LIMIT 5'],
  ['SELECT TOP 0 objId FROM Obj', 'SELECT p_id FROM p_obj LIMIT 0'],
  ['SELECT DISTINCT TOP 3 band FROM Obj ORDER BY band', 'SELECT DISTINCT p_band FROM p_obj ORDER BY p_band LIMIT 3'],
  ['SELECT TOP 5 objId FROM Obj ORDER BY objId OFFSET 7', 'SELECT p_id FROM p_obj ORDER BY p_id LIMIT 5 OFFSET 7'],
  ['SELECT objId FROM Obj ORDER BY objId OFFSET 315', 'SELECT p_id FROM p_obj ORDER BY p_id OFFSET 315'],
  ['SELECT * FROM Band', 'SELECT p_band, p_wave FROM p_filter'],
  ['SELECT Band.* FROM Band', 'SELECT p_band, p_wave FROM p_filter'],
  ['SELECT cat.Band.* FROM cat.Band', 'SELECT p_band, p_wave FROM p_filter'],
  ['SELECT b.*, b.band FROM Band AS b', 'SELECT p_band, p_wave, p_band FROM p_filter'],
  ['SELECT b.band FROM Band b', 'SELECT p_band FROM p_filter'],
  ['SELECT cat.Obj.objId FROM cat.Obj', 'SELECT p_id FROM p_obj'],
  ['SELECT Obj.objId FROM cat.Obj', 'SELECT p_id FROM p_obj'],
  ['SELECT "objId" FROM "Obj"', 'SELECT p_id FROM p_obj'],
  ['SELECT "o"."objId" FROM "cat"."Obj" AS "o"', 'SELECT p_id FROM p_obj'],
  ['SELECT "size" FROM Obj', 'SELECT p_size FROM p_obj'],
  ['SELECT "case", "CASE" FROM TAP_UPLOAD.t1', 'SELECT p_lower, p_upper FROM p_upload'],
  ['SELECT "My Name" FROM tap_upload.T1', 'SELECT p_my FROM p_upload'],
  ['SELECT t1.id FROM TAP_UPLOAD.t1', 'SELECT p_id FROM p_upload'],
  ['SELECT id FROM t1', 'SELECT p_id FROM p_upload'],
  ['SELECT objId AS a, objId b, objId AS "c d" FROM Obj', 'SELECT p_id, p_id, p_id FROM p_obj'],
  ['SELECT objId -- a comment\nFROM Obj --- another', 'SELECT p_id FROM p_obj'],
  ['SELECT objId FROM Obj;', 'SELECT p_id FROM p_obj'],
  ['  SELECT\tobjId\r\nFROM\n\nObj\n', 'SELECT p_id FROM p_obj'],
  [
    'SELECT 1, 2.5, 1e3, .5, 5., 1.5E-2 FROM Band',
    'SELECT 1, 2.5::float8, 1000::float8, 0.5::float8, 5::float8, 0.015::float8 FROM p_filter',
  ],
  ["SELECT 'text', 'it''s', '' FROM Band", "SELECT 'text', 'it''s', '' FROM p_filter"],
  ["SELECT '星 🌌 Ünï' FROM Band", "SELECT '星 🌌 Ünï' FROM p_filter"],
  ["SELECT '; DROP TABLE p_obj; --' FROM Band", "SELECT '; DROP TABLE p_obj; --' FROM p_filter"],
  ["SELECT '$1', 'E\\x27' FROM Band", "SELECT '$1', 'E\\x27' FROM p_filter"],
  ['SELECT NULL FROM Band', 'SELECT NULL FROM p_filter'],
  ['SELECT TRUE, FALSE FROM Band', 'SELECT TRUE, FALSE FROM p_filter'],
  [
    'SELECT 9223372036854775807, -9223372036854775807 FROM Band',
    'SELECT 9223372036854775807, -9223372036854775807 FROM p_filter',
  ],
  ['SELECT 18446744073709551616 FROM Band', 'SELECT 18446744073709551616::float8 FROM p_filter'],
  ['SELECT big FROM Obj WHERE big = 9007199254740995', 'SELECT p_big FROM p_obj WHERE p_big = 9007199254740995'],
  ['SELECT t FROM Obj', 'SELECT p_t FROM p_obj'],
  ['SELECT v FROM t1', 'SELECT p_array FROM p_upload'],
];

const ARITHMETIC: readonly Case[] = [
  ['SELECT k + 1, k - 1, k * 2, k / 7 FROM Obj', 'SELECT p_k + 1, p_k - 1, p_k * 2, p_k / 7 FROM p_obj'],
  ['SELECT 7 / 2, -7 / 2, 7 / 2., 7 / 2 * 2 FROM Band', 'SELECT 3, -3, 3.5::float8, 6 FROM p_filter'],
  ['SELECT 1 + 2 * 3, (1 + 2) * 3, 10 - 4 - 3, 100 / 10 / 5 FROM Band', 'SELECT 7, 9, 3, 2 FROM p_filter'],
  ['SELECT -k, +k, - -k, -(-k) FROM Obj', 'SELECT -p_k, p_k, p_k, p_k FROM p_obj'],
  ['SELECT 2 * -3, -2 - -3 FROM Band', 'SELECT -6, 1 FROM p_filter'],
  ['SELECT n * n FROM Obj', 'SELECT p_n::int * p_n::int FROM p_obj'],
  ['SELECT n + 40000 FROM Obj', 'SELECT p_n + 40000 FROM p_obj'],
  ['SELECT 100000 * 100000 FROM Band', 'SELECT 10000000000 FROM p_filter'],
  ['SELECT objId / k FROM Obj', 'SELECT CASE WHEN p_k <> 0 THEN p_id / p_k END FROM p_obj'],
  ['SELECT flux / fluxErr FROM Obj', 'SELECT CASE WHEN p_err <> 0 THEN p_flux / p_err END FROM p_obj'],
  ['SELECT 1 / 0, 1. / 0 FROM Band', 'SELECT NULL, NULL FROM p_filter'],
  ['SELECT flux * 2.5 FROM Obj', 'SELECT p_flux::float8 * 2.5::float8 FROM p_obj'],
  ['SELECT flux - fluxErr FROM Obj', 'SELECT p_flux - p_err FROM p_obj'],
  ['SELECT flux + k FROM Obj', 'SELECT p_flux::float8 + p_k FROM p_obj'],
  ['SELECT NULL + 1, k + NULL FROM Obj', 'SELECT NULL, NULL FROM p_obj'],
  [
    'SELECT ABS(k), ABS(-2.5), ABS(flux), ABS(n) FROM Obj',
    'SELECT abs(p_k), 2.5::float8, abs(p_flux), abs(p_n)::int FROM p_obj',
  ],
  ['SELECT CEILING("size"), FLOOR("size") FROM Obj', 'SELECT ceil(p_size), floor(p_size) FROM p_obj'],
  ['SELECT CEILING(-1.5), FLOOR(-1.5), CEILING(k) FROM Obj', 'SELECT -1::float8, -2::float8, p_k::float8 FROM p_obj'],
  ['SELECT DEGREES(PI()), RADIANS(180) FROM Band', 'SELECT 180::float8, pi() FROM p_filter'],
  ['SELECT EXP(1), LOG(EXP(2)), LOG10(1000) FROM Band', 'SELECT exp(1::float8), 2::float8, 3::float8 FROM p_filter'],
  ['SELECT LOG(flux) FROM Obj', 'SELECT CASE WHEN p_flux > 0 THEN ln(p_flux::float8) END FROM p_obj'],
  ['SELECT LOG10(0), LOG10(-1), LOG(NULL) FROM Band', 'SELECT NULL, NULL, NULL FROM p_filter'],
  ['SELECT SQRT(flux) FROM Obj', 'SELECT CASE WHEN p_flux >= 0 THEN sqrt(p_flux::float8) END FROM p_obj'],
  [
    'SELECT SQRT(0), SQRT(-0.0), SQRT(-1e-300), SQRT(NULL) FROM Band',
    "SELECT 0::float8, '-0'::float8, NULL, NULL FROM p_filter",
  ],
  [
    'SELECT POWER(2, 10), POWER(k, 2), POWER(4, 0.5) FROM Obj',
    'SELECT 1024::float8, p_k::float8 ^ 2, 2::float8 FROM p_obj',
  ],
  ['SELECT MOD(k, 7), MOD(-7, 3), MOD(n, 2) FROM Obj', 'SELECT p_k % 7, -1, p_n % 2 FROM p_obj'],
  [
    'SELECT MOD(370.5, 360), MOD(-1.5, 1), MOD(5, 0) FROM Band',
    'SELECT 10.5::float8, -0.5::float8, NULL FROM p_filter',
  ],
  [
    'SELECT ROUND(2.5), ROUND(-2.5), ROUND(3.5), ROUND(2.4) FROM Band',
    'SELECT 3::float8, -3::float8, 4::float8, 2::float8 FROM p_filter',
  ],
  [
    'SELECT ROUND(2.345, 2), ROUND(1234.5, -2), ROUND(k, -3) FROM Obj',
    'SELECT 2.35::float8, 1200::float8, round(p_k::numeric, -3)::float8 FROM p_obj',
  ],
  [
    'SELECT TRUNCATE(2.7), TRUNCATE(-2.7), TRUNCATE(2.789, 2), TRUNCATE(1999, -3) FROM Band',
    'SELECT 2::float8, -2::float8, 2.78::float8, 1000::float8 FROM p_filter',
  ],
  [
    'SELECT ROUND(flux), TRUNCATE(flux, 1) FROM Obj',
    'SELECT round(p_flux::float8::numeric)::float8, trunc(p_flux::float8::numeric, 1)::float8 FROM p_obj',
  ],
  [
    'SELECT SIN(ra), COS(ra), TAN("dec"), COT(1) FROM Obj',
    'SELECT sin(p_ra), cos(p_ra), tan(p_dec), 1 / tan(1::float8) FROM p_obj',
  ],
  [
    'SELECT ASIN(0.5), ACOS(0.5), ATAN(1), ATAN2(1, -1) FROM Band',
    'SELECT asin(0.5::float8), acos(0.5::float8), atan(1::float8), atan2(1::float8, -1::float8) FROM p_filter',
  ],
  [
    'SELECT ASIN(1), ASIN(-1), ASIN(1.5), ACOS(-2), ACOS(NULL) FROM Band',
    'SELECT pi() / 2, -pi() / 2, NULL, NULL, NULL FROM p_filter',
  ],
  ['SELECT COUNT(*) FROM Obj WHERE RAND() >= 0 AND RAND(7) < 1', 'SELECT count(*) FROM p_obj'],
  [
    'SELECT mag(flux), mag_err(flux, fluxErr) FROM Obj',
    'SELECT CASE WHEN p_flux > 0 THEN 31.4 - 2.5 * log(p_flux::float8) END, CASE WHEN p_flux > 0 THEN 2.5 / ln(10::float8) * p_err / p_flux::float8 END FROM p_obj',
  ],
  ['SELECT flux(22.5), mag(flux(19)) FROM Band', 'SELECT 10 ^ ((31.4 - 22.5) / 2.5)::float8, 19::float8 FROM p_filter'],
  [
    "SELECT IN_UNIT(ra, 'arcsec'), IN_UNIT(\"dec\", 'rad'), IN_UNIT(ra, 'deg') FROM Obj",
    'SELECT p_ra * 3600, radians(p_dec), p_ra FROM p_obj',
  ],
  [
    "SELECT IN_UNIT(flux, 'mJy'), IN_UNIT(flux, 'uJy') FROM Obj",
    'SELECT p_flux::float8 * 1e-6, p_flux::float8 * 1e-3 FROM p_obj',
  ],
  ["SELECT IN_UNIT(mjd, 's'), IN_UNIT(flux + flux, 'Jy') FROM Src", 'SELECT p_mjd * 86400, p_flux * 2e-9 FROM p_src'],
  [
    "SELECT IN_UNIT(wavelength, 'um'), IN_UNIT(wavelength, 'Angstrom') FROM Band",
    'SELECT p_wave::float8 / 1000, p_wave::float8 * 10 FROM p_filter',
  ],
  [
    'SELECT IN_UNIT(DISTANCE(ra, "dec", 30, 40), \'arcmin\') FROM Obj',
    'SELECT ref_distance(p_ra, p_dec, 30, 40) * 60 FROM p_obj',
  ],
  [
    'SELECT bitwise_and(k, 6), bitwise_or(n, 8), bitwise_xor(k, 5), bitwise_not(n) FROM Obj',
    'SELECT p_k & 6, p_n::int | 8, p_k # 5, ~ p_n FROM p_obj',
  ],
];

const TEXT: readonly Case[] = [
  ["SELECT name || '!' || band FROM Obj", "SELECT p_name || '!' || p_band FROM p_obj"],
  ['SELECT LOWER(name), UPPER(name) FROM Obj', 'SELECT lower(p_name), upper(p_name) FROM p_obj'],
  ["SELECT objId FROM Obj WHERE name LIKE 'object 1%'", "SELECT p_id FROM p_obj WHERE p_name LIKE 'object 1%'"],
  ["SELECT objId FROM Obj WHERE name LIKE 'M_31'", "SELECT p_id FROM p_obj WHERE p_name LIKE 'M_31'"],
  ["SELECT objId FROM Obj WHERE name ILIKE 'm 31'", "SELECT p_id FROM p_obj WHERE lower(p_name) = 'm 31'"],
  ["SELECT objId FROM Obj WHERE name NOT LIKE 'object%'", "SELECT p_id FROM p_obj WHERE p_name NOT LIKE 'object%'"],
  ["SELECT objId FROM Obj WHERE name NOT ILIKE 'OBJECT%'", "SELECT p_id FROM p_obj WHERE p_name NOT ILIKE 'OBJECT%'"],
  ["SELECT objId FROM Obj WHERE name LIKE 'back\\slash'", "SELECT p_id FROM p_obj WHERE p_name = 'back\\slash'"],
  ["SELECT objId FROM Obj WHERE name LIKE '%\\%'", "SELECT p_id FROM p_obj WHERE position('\\' in p_name) > 0"],
  ["SELECT objId FROM Obj WHERE name LIKE '%星%'", "SELECT p_id FROM p_obj WHERE position('星' in p_name) > 0"],
  ["SELECT objId FROM Obj WHERE name = 'O''Brien'", "SELECT p_id FROM p_obj WHERE p_name = 'O''Brien'"],
  ["SELECT objId FROM Obj WHERE name = ''", "SELECT p_id FROM p_obj WHERE p_name = ''"],
  ["SELECT objId FROM Obj WHERE name = 'm 31'", "SELECT p_id FROM p_obj WHERE p_name = 'm 31'"],
  ["SELECT objId FROM Obj WHERE name = ' padded'", "SELECT p_id FROM p_obj WHERE p_name = ' padded'"],
  ["SELECT objId FROM Obj WHERE band || 'x' = 'rx'", "SELECT p_id FROM p_obj WHERE p_band = 'r'"],
  [
    "SELECT objId FROM Obj WHERE name LIKE LOWER('OBJECT') || '%'",
    "SELECT p_id FROM p_obj WHERE p_name LIKE 'object%'",
  ],
  ["SELECT objId FROM Obj WHERE 1 = ivo_nocasematch(name, 'M%')", "SELECT p_id FROM p_obj WHERE p_name ILIKE 'M%'"],
  ["SELECT objId, ivo_nocasematch(name, 'M%') FROM Obj", "SELECT p_id, (p_name ILIKE 'M%')::int FROM p_obj"],
  [
    "SELECT objId FROM Obj WHERE ivo_hashlist_has(tags, 'STAR') = 1",
    "SELECT p_id FROM p_obj WHERE p_tags ILIKE 'star#%'",
  ],
  ["SELECT objId FROM Obj WHERE 0 = ivo_hashlist_has(tags, 'star')", "SELECT p_id FROM p_obj WHERE p_tags = 'galaxy'"],
  ["SELECT objId FROM Obj WHERE 1 = ivo_hasword(name, 'galaxy')", "SELECT p_id FROM p_obj WHERE p_name = '🌌 galaxy'"],
  ["SELECT objId FROM Obj WHERE 1 = ivo_hasword(name, 'gala')", 'SELECT p_id FROM p_obj WHERE FALSE'],
  ['SELECT "My Name" || \'é\' FROM t1', "SELECT p_my || 'é' FROM p_upload"],
];

const CASTS: readonly Case[] = [
  [
    'SELECT CAST(k AS VARCHAR), CAST(k AS CHAR(3)), CAST(band AS VARCHAR(2)) FROM Obj',
    'SELECT p_k::text, rpad(p_k::text, 3), left(p_band, 2) FROM p_obj',
  ],
  [
    "SELECT CAST('7' AS INTEGER), CAST('7' AS SMALLINT), CAST(' 7 ' AS BIGINT) FROM Band",
    'SELECT 7, 7, 7 FROM p_filter',
  ],
  [
    "SELECT CAST('1.5' AS REAL), CAST('1.5' AS DOUBLE PRECISION) FROM Band",
    'SELECT 1.5::float4, 1.5::float8 FROM p_filter',
  ],
  ['SELECT CAST(1.7 AS INTEGER), CAST(-1.7 AS BIGINT), CAST(k AS REAL) FROM Obj', 'SELECT 2, -2, p_k::real FROM p_obj'],
  ['SELECT CAST(flux AS DOUBLE PRECISION) FROM Obj', 'SELECT p_flux::float8 FROM p_obj'],
  ['SELECT CAST(flag AS INTEGER) FROM Obj', 'SELECT p_flag::int FROM p_obj'],
  ['SELECT CAST(flag AS VARCHAR) FROM Obj', 'SELECT p_flag::text FROM p_obj'],
  [
    "SELECT CAST('2026-01-02T03:04:05' AS TIMESTAMP) FROM Band",
    "SELECT timestamptz '2026-01-02 03:04:05+00' FROM p_filter",
  ],
  ['SELECT CAST(t AS VARCHAR) FROM Obj WHERE objId = 1', "SELECT '2026-01-01T01:00:00.000000'"],
  ['SELECT CAST(NULL AS INTEGER), CAST(NULL AS VARCHAR) FROM Band', 'SELECT NULL, NULL FROM p_filter'],
  ["SELECT CAST('abc' AS CHAR) FROM Band", "SELECT 'a' FROM p_filter"],
  ["SELECT CAST(CAST(objId AS VARCHAR) || '0' AS INTEGER) FROM Obj", 'SELECT p_id::int * 10 FROM p_obj'],
  [
    "SELECT COALESCE(flux, 0), COALESCE(band, name, 'none') FROM Obj",
    "SELECT coalesce(p_flux, 0)::float8, coalesce(p_band, p_name, 'none') FROM p_obj",
  ],
  ['SELECT COALESCE(NULL, k, 1.5) FROM Obj', 'SELECT p_k::float8 FROM p_obj'],
  ['SELECT COALESCE(NULL, NULL) FROM Band', 'SELECT NULL FROM p_filter'],
  ["SELECT NULLIF(n, 0), NULLIF(band, 'r') FROM Obj", "SELECT nullif(p_n, 0)::int, nullif(p_band, 'r') FROM p_obj"],
  [
    "SELECT CASE WHEN flux > 500 THEN 'bright' WHEN flux IS NULL THEN 'none' ELSE 'faint' END FROM Obj",
    "SELECT CASE WHEN p_flux > 500 THEN 'bright' WHEN p_flux IS NULL THEN 'none' ELSE 'faint' END FROM p_obj",
  ],
  [
    "SELECT CASE band WHEN 'r' THEN 1 WHEN 'g' THEN 2.5 END FROM Obj",
    "SELECT CASE p_band WHEN 'r' THEN 1 WHEN 'g' THEN 2.5::float8 END FROM p_obj",
  ],
];

const CONDITIONS: readonly Case[] = [
  ['SELECT objId FROM Obj WHERE k = 5000', 'SELECT p_id FROM p_obj WHERE p_k = 5000'],
  ['SELECT objId FROM Obj WHERE k <> 5000 AND k != 6000', 'SELECT p_id FROM p_obj WHERE p_k NOT IN (5000, 6000)'],
  ['SELECT objId FROM Obj WHERE k < 0 OR k >= 314000', 'SELECT p_id FROM p_obj WHERE p_k < 0 OR p_k >= 314000'],
  ['SELECT objId FROM Obj WHERE k <= -4000 OR k > 314000', 'SELECT p_id FROM p_obj WHERE p_k <= -4000 OR p_k > 314000'],
  ['SELECT objId FROM Obj WHERE 5000 < k AND 10000 > k', 'SELECT p_id FROM p_obj WHERE p_k BETWEEN 5001 AND 9999'],
  ['SELECT objId FROM Obj WHERE k = 1000 OR k = 2000 AND n = 99', 'SELECT p_id FROM p_obj WHERE p_k = 1000'],
  [
    'SELECT objId FROM Obj WHERE (k = 1000 OR k = 2000) AND n IS NOT NULL',
    'SELECT p_id FROM p_obj WHERE p_k IN (1000, 2000) AND p_n IS NOT NULL',
  ],
  ['SELECT objId FROM Obj WHERE NOT k > 0', 'SELECT p_id FROM p_obj WHERE p_k <= 0'],
  ['SELECT objId FROM Obj WHERE NOT NOT k > 0', 'SELECT p_id FROM p_obj WHERE p_k > 0'],
  ['SELECT objId FROM Obj WHERE NOT (flux > 100)', 'SELECT p_id FROM p_obj WHERE p_flux <= 100'],
  ['SELECT objId FROM Obj WHERE NOT (flux > 100 AND n = 1)', 'SELECT p_id FROM p_obj WHERE p_flux <= 100 OR p_n <> 1'],
  ['SELECT objId FROM Obj WHERE flux IS NULL', 'SELECT p_id FROM p_obj WHERE p_flux IS NULL'],
  ['SELECT objId FROM Obj WHERE flux IS NOT NULL', 'SELECT p_id FROM p_obj WHERE p_flux IS NOT NULL'],
  ['SELECT objId FROM Obj WHERE flux + n IS NULL', 'SELECT p_id FROM p_obj WHERE p_flux IS NULL OR p_n IS NULL'],
  ['SELECT objId FROM Obj WHERE flux = NULL', 'SELECT p_id FROM p_obj WHERE FALSE'],
  ['SELECT objId FROM Obj WHERE NULL IS NULL', 'SELECT p_id FROM p_obj'],
  ['SELECT objId FROM Obj WHERE flux > 1e30', "SELECT p_id FROM p_obj WHERE p_flux IN ('NaN', 'Infinity')"],
  ['SELECT objId FROM Obj WHERE flux = 3.25', 'SELECT p_id FROM p_obj WHERE p_flux = 3.25'],
  ['SELECT objId FROM Obj WHERE flux > 100', 'SELECT p_id FROM p_obj WHERE p_flux > 100'],
  ['SELECT objId FROM Obj WHERE k BETWEEN 0 AND 5000', 'SELECT p_id FROM p_obj WHERE p_k >= 0 AND p_k <= 5000'],
  ['SELECT objId FROM Obj WHERE k NOT BETWEEN 0 AND 300000', 'SELECT p_id FROM p_obj WHERE p_k < 0 OR p_k > 300000'],
  ['SELECT objId FROM Obj WHERE n NOT BETWEEN 1 AND 2', 'SELECT p_id FROM p_obj WHERE p_n IN (0, 3)'],
  [
    'SELECT objId FROM Obj WHERE flux BETWEEN k AND k + 100.5',
    'SELECT p_id FROM p_obj WHERE p_flux >= p_k AND p_flux <= p_k + 100.5',
  ],
  [
    "SELECT objId FROM Obj WHERE name BETWEEN 'a' AND 'b'",
    "SELECT p_id FROM p_obj WHERE p_name >= 'a' AND p_name <= 'b'",
  ],
  ['SELECT objId FROM Obj WHERE objId IN (3, 5, 9999)', 'SELECT p_id FROM p_obj WHERE p_id IN (3, 5)'],
  ['SELECT objId FROM Obj WHERE objId NOT IN (3, 5)', 'SELECT p_id FROM p_obj WHERE p_id <> 3 AND p_id <> 5'],
  ['SELECT objId FROM Obj WHERE objId IN (3)', 'SELECT p_id FROM p_obj WHERE p_id = 3'],
  ['SELECT objId FROM Obj WHERE n IN (1, NULL)', 'SELECT p_id FROM p_obj WHERE p_n = 1'],
  ['SELECT objId FROM Obj WHERE n NOT IN (1, NULL)', 'SELECT p_id FROM p_obj WHERE FALSE'],
  [
    "SELECT objId FROM Obj WHERE band IN ('g', 'r', 'O''x')",
    "SELECT p_id FROM p_obj WHERE p_band = 'g' OR p_band = 'r'",
  ],
  [
    "SELECT objId FROM Obj WHERE band NOT IN ('g', 'r')",
    "SELECT p_id FROM p_obj WHERE p_band <> 'g' AND p_band <> 'r'",
  ],
  ['SELECT objId FROM Obj WHERE flux IN (3.25, 6.5)', 'SELECT p_id FROM p_obj WHERE p_flux = 3.25 OR p_flux = 6.5'],
  [
    'SELECT objId FROM Obj WHERE k IN (1000, 1000 + 1000, objId)',
    'SELECT p_id FROM p_obj WHERE p_k IN (1000, 2000) OR p_k = p_id',
  ],
  ['SELECT objId FROM Obj WHERE 3 IN (objId, n)', 'SELECT p_id FROM p_obj WHERE p_id = 3 OR p_n = 3'],
  ['SELECT objId FROM Obj WHERE flag', 'SELECT p_id FROM p_obj WHERE p_flag'],
  ['SELECT objId FROM Obj WHERE NOT flag', 'SELECT p_id FROM p_obj WHERE NOT p_flag'],
  ['SELECT objId FROM Obj WHERE flag = TRUE', 'SELECT p_id FROM p_obj WHERE p_flag'],
  ['SELECT objId FROM Obj WHERE flag = 0', 'SELECT p_id FROM p_obj WHERE NOT p_flag'],
  ["SELECT objId FROM Obj WHERE flag = 'true' AND 1 = flag", 'SELECT p_id FROM p_obj WHERE p_flag'],
  ['SELECT objId FROM Obj WHERE flag IS NULL OR flag <> TRUE', 'SELECT p_id FROM p_obj WHERE p_flag IS NOT TRUE'],
  ["SELECT objId FROM Obj WHERE t > '2026-01-10'", "SELECT p_id FROM p_obj WHERE p_t > '2026-01-10 00:00:00+00'"],
  [
    "SELECT objId FROM Obj WHERE t BETWEEN '2026-01-02T00:00:00' AND '2026-01-02 12:30:00.5Z'",
    "SELECT p_id FROM p_obj WHERE p_t >= '2026-01-02 00:00+00' AND p_t <= '2026-01-02 12:30:00.5+00'",
  ],
  ["SELECT objId FROM Obj WHERE '2026-01-01T05:00:00' = t", 'SELECT p_id FROM p_obj WHERE p_id = 5'],
  [
    'SELECT objId FROM Obj WHERE ivo_interval_overlaps(k, k + 10, 995, 1500) = 1',
    'SELECT p_id FROM p_obj WHERE p_k + 10 >= 995 AND p_k <= 1500',
  ],
  [
    'SELECT objId FROM Obj WHERE EXISTS (SELECT * FROM Src WHERE Src.objId = Obj.objId)',
    'SELECT p_id FROM p_obj o WHERE EXISTS (SELECT 1 FROM p_src s WHERE s.p_id = o.p_id)',
  ],
  [
    'SELECT objId FROM Obj WHERE NOT EXISTS (SELECT 1 FROM Src s WHERE s.objId = Obj.objId)',
    'SELECT p_id FROM p_obj o WHERE NOT EXISTS (SELECT 1 FROM p_src s WHERE s.p_id = o.p_id)',
  ],
  [
    'SELECT objId FROM Obj WHERE objId IN (SELECT objId FROM Src WHERE mjd > 60030)',
    'SELECT p_id FROM p_obj WHERE p_id IN (SELECT p_id FROM p_src WHERE p_mjd > 60030)',
  ],
  [
    'SELECT objId FROM Obj WHERE objId NOT IN (SELECT objId FROM Src WHERE objId IS NOT NULL)',
    'SELECT p_id FROM p_obj o WHERE NOT EXISTS (SELECT 1 FROM p_src s WHERE s.p_id = o.p_id)',
  ],
  ['SELECT objId FROM Obj WHERE objId NOT IN (SELECT objId FROM Src)', 'SELECT p_id FROM p_obj WHERE FALSE'],
  [
    'SELECT objId FROM Obj WHERE objId IN ((SELECT objId FROM Src) UNION (SELECT 300 FROM Band))',
    'SELECT p_id FROM p_obj o WHERE p_id = 300 OR EXISTS (SELECT 1 FROM p_src s WHERE s.p_id = o.p_id)',
  ],
  [
    'SELECT objId FROM Obj WHERE k > ALL (SELECT k FROM Obj WHERE objId < 300)',
    'SELECT p_id FROM p_obj WHERE p_id >= 300',
  ],
  ['SELECT objId FROM Obj WHERE k = ANY (SELECT 1000 FROM Band)', 'SELECT p_id FROM p_obj WHERE p_k = 1000'],
  ['SELECT objId FROM Obj WHERE k <= SOME (SELECT -3000 FROM Band)', 'SELECT p_id FROM p_obj WHERE p_k <= -3000'],
  ['SELECT objId FROM Obj WHERE k = (SELECT MAX(k) FROM Obj)', 'SELECT p_id FROM p_obj WHERE p_id = 320'],
  [
    'SELECT objId, (SELECT COUNT(*) FROM Src s WHERE s.objId = o.objId) FROM Obj o',
    'SELECT p_id, (SELECT count(*) FROM p_src s WHERE s.p_id = o.p_id) FROM p_obj o',
  ],
  [
    'SELECT objId FROM Obj o WHERE flux > (SELECT AVG(flux) FROM Obj WHERE band = o.band AND objId > 20)',
    'SELECT p_id FROM p_obj o WHERE p_flux > (SELECT avg(p_flux::float8) FROM p_obj i WHERE i.p_band = o.p_band AND i.p_id > 20)',
  ],
  [
    'SELECT objId FROM Obj WHERE (((((k))) > ((5000))) AND ((k < 8000)))',
    'SELECT p_id FROM p_obj WHERE p_k > 5000 AND p_k < 8000',
  ],
];

const GROUPING: readonly Case[] = [
  ['SELECT COUNT(*) FROM Obj', 'SELECT count(*) FROM p_obj'],
  ['SELECT COUNT(*) FROM Obj WHERE objId < 0', 'SELECT 0'],
  [
    'SELECT COUNT(flux), COUNT(ALL band), COUNT(DISTINCT band) FROM Obj',
    'SELECT count(p_flux), count(p_band), count(DISTINCT p_band) FROM p_obj',
  ],
  [
    'SELECT SUM(k), AVG(k), MIN(k), MAX(k) FROM Obj',
    'SELECT sum(p_k)::bigint, avg(p_k)::float8, min(p_k), max(p_k) FROM p_obj',
  ],
  [
    'SELECT SUM(n), AVG(n), SUM(big) FROM Obj WHERE objId < 100',
    'SELECT sum(p_n), avg(p_n)::float8, sum(p_big)::bigint FROM p_obj WHERE p_id < 100',
  ],
  [
    'SELECT SUM(flux), AVG(fluxErr) FROM Obj WHERE objId > 20',
    'SELECT sum(p_flux::float8), avg(p_err::float8) FROM p_obj WHERE p_id > 20',
  ],
  ['SELECT SUM(DISTINCT n), AVG(DISTINCT n), MIN(DISTINCT n) FROM Obj', 'SELECT 6, 1.5::float8, 0'],
  [
    'SELECT MIN(name), MAX(band), MIN(t), MAX(t) FROM Obj',
    'SELECT min(p_name), max(p_band), min(p_t), max(p_t) FROM p_obj',
  ],
  ['SELECT SUM(flux), MAX(flux) FROM Obj WHERE objId = 7', 'SELECT NULL, NULL'],
  ['SELECT band, COUNT(*) FROM Obj GROUP BY band', 'SELECT p_band, count(*) FROM p_obj GROUP BY p_band'],
  [
    'SELECT band, flag, COUNT(*), AVG(k) FROM Obj GROUP BY band, flag',
    'SELECT p_band, p_flag, count(*), avg(p_k)::float8 FROM p_obj GROUP BY p_band, p_flag',
  ],
  ['SELECT COUNT(*) FROM Obj GROUP BY band', 'SELECT count(*) FROM p_obj GROUP BY p_band'],
  [
    'SELECT FLOOR(ra / 90), COUNT(*) FROM Obj GROUP BY FLOOR(ra / 90)',
    'SELECT floor(p_ra / 90), count(*) FROM p_obj GROUP BY 1',
  ],
  [
    'SELECT FLOOR(ra / 90) + 1, COUNT(*) FROM Obj GROUP BY FLOOR(ra / 90)',
    'SELECT floor(p_ra / 90) + 1, count(*) FROM p_obj GROUP BY floor(p_ra / 90)',
  ],
  [
    'SELECT FLOOR(ra / 90) AS cell, COUNT(*) FROM Obj GROUP BY cell',
    'SELECT floor(p_ra / 90), count(*) FROM p_obj GROUP BY 1',
  ],
  ['SELECT band, n, COUNT(*) FROM Obj GROUP BY 1, 2', 'SELECT p_band, p_n, count(*) FROM p_obj GROUP BY 1, 2'],
  ['SELECT band AS n, COUNT(*) FROM Obj GROUP BY n, band', 'SELECT p_band, count(*) FROM p_obj GROUP BY p_n, p_band'],
  [
    'SELECT o.band, COUNT(*) FROM Obj o GROUP BY o.band HAVING COUNT(*) > 50',
    'SELECT p_band, count(*) FROM p_obj GROUP BY p_band HAVING count(*) > 50',
  ],
  [
    "SELECT band FROM Obj GROUP BY band HAVING MAX(k) > 314000 AND band <> 'u'",
    "SELECT p_band FROM p_obj WHERE p_band <> 'u' GROUP BY p_band HAVING max(p_k) > 314000",
  ],
  ['SELECT MAX(k) - MIN(k) FROM Obj HAVING COUNT(*) > 1', 'SELECT max(p_k) - min(p_k) FROM p_obj'],
  ['SELECT MAX(k) FROM Obj HAVING COUNT(*) > 1000', 'SELECT 1 WHERE FALSE'],
  [
    'SELECT band, MAX(flux / (1 + ABS(k))) FROM Obj WHERE objId > 20 GROUP BY band',
    'SELECT p_band, max(p_flux::float8 / (1 + abs(p_k))) FROM p_obj WHERE p_id > 20 GROUP BY p_band',
  ],
  ['SELECT UPPER(band), COUNT(*) FROM Obj GROUP BY band', 'SELECT upper(p_band), count(*) FROM p_obj GROUP BY p_band'],
  [
    "SELECT CASE WHEN k > 0 THEN 'plus' ELSE 'minus' END AS s, COUNT(*) FROM Obj GROUP BY s",
    "SELECT CASE WHEN p_k > 0 THEN 'plus' ELSE 'minus' END, count(*) FROM p_obj GROUP BY 1",
  ],
  [
    "SELECT n, ivo_string_agg(band, ',') FROM Obj WHERE objId < 5 GROUP BY n",
    "SELECT p_n, string_agg(p_band, ',') FROM p_obj WHERE p_id < 5 GROUP BY p_n",
  ],
  [
    'SELECT k / 100000, COUNT(*) FROM Obj GROUP BY k / 100000 HAVING k / 100000 > 0',
    'SELECT p_k / 100000, count(*) FROM p_obj WHERE p_k / 100000 > 0 GROUP BY 1',
  ],
  [
    'SELECT AVG(c) FROM (SELECT COUNT(*) AS c FROM Src GROUP BY objId) q',
    'SELECT avg(c)::float8 FROM (SELECT count(*) AS c FROM p_src GROUP BY p_id) q',
  ],
  [
    'SELECT band, (SELECT COUNT(*) FROM Src s WHERE s.band = Obj.band) FROM Obj GROUP BY band',
    'SELECT p_band, (SELECT count(*) FROM p_src s WHERE s.p_band = o.p_band) FROM p_obj o GROUP BY p_band',
  ],
  ['SELECT COUNT(*), 1 + 1 FROM Obj', 'SELECT 320, 2'],
  ['SELECT SUM(1), COUNT(NULL) FROM Obj', 'SELECT 320, 0'],
];

const ORDERING: readonly Case[] = [
  ['SELECT objId, flux FROM Obj ORDER BY flux, objId', 'SELECT p_id, p_flux FROM p_obj ORDER BY p_flux, p_id'],
  [
    'SELECT objId, flux FROM Obj ORDER BY flux DESC, objId ASC',
    'SELECT p_id, p_flux FROM p_obj ORDER BY p_flux DESC NULLS LAST, p_id',
  ],
  ['SELECT objId, k FROM Obj ORDER BY 2 DESC', 'SELECT p_id, p_k FROM p_obj ORDER BY 2 DESC'],
  ['SELECT -k AS m, objId FROM Obj ORDER BY m', 'SELECT -p_k, p_id FROM p_obj ORDER BY 1'],
  ['SELECT objId FROM Obj ORDER BY ABS(k - 7000), objId', 'SELECT p_id FROM p_obj ORDER BY abs(p_k - 7000), p_id'],
  ['SELECT -objId AS k FROM Obj ORDER BY k', 'SELECT -p_id AS x FROM p_obj ORDER BY 1'],
  [
    'SELECT band, COUNT(*) AS c FROM Obj GROUP BY band ORDER BY c DESC, band',
    'SELECT p_band, count(*) FROM p_obj GROUP BY p_band ORDER BY 2 DESC, 1',
  ],
  [
    'SELECT band FROM Obj GROUP BY band ORDER BY COUNT(*) DESC, band',
    'SELECT p_band FROM p_obj GROUP BY p_band ORDER BY count(*) DESC, p_band',
  ],
  [
    'SELECT DISTINCT n FROM Obj ORDER BY n DESC',
    'SELECT n FROM (SELECT DISTINCT p_n AS n FROM p_obj) q ORDER BY n DESC NULLS LAST',
  ],
  ['SELECT DISTINCT k * 2 FROM Obj ORDER BY k * 2', 'SELECT p_k * 2 FROM p_obj ORDER BY 1'],
  ['SELECT o.objId FROM Obj AS o ORDER BY o.k DESC', 'SELECT p_id FROM p_obj ORDER BY p_k DESC'],
  ['SELECT objId AS x FROM Obj ORDER BY x + 0 DESC', 'SELECT p_id FROM p_obj ORDER BY 1 DESC'],
  [
    'SELECT objId FROM Obj ORDER BY DISTANCE(ra, "dec", 10, -60), objId',
    'SELECT p_id FROM p_obj ORDER BY ref_distance(p_ra, p_dec, 10, -60), p_id',
  ],
];

const JOINS: readonly Case[] = [
  [
    'SELECT Obj.objId, srcId FROM Obj JOIN Src ON Obj.objId = Src.objId',
    'SELECT o.p_id, p_sid FROM p_obj o JOIN p_src s ON o.p_id = s.p_id',
  ],
  [
    'SELECT o.objId, s.srcId FROM Obj o INNER JOIN Src s ON o.objId = s.objId AND s.mjd > 60010',
    'SELECT o.p_id, p_sid FROM p_obj o JOIN p_src s ON o.p_id = s.p_id WHERE s.p_mjd > 60010',
  ],
  [
    'SELECT o.objId, s.srcId FROM Obj o LEFT JOIN Src s ON o.objId = s.objId',
    'SELECT o.p_id, p_sid FROM p_obj o LEFT JOIN p_src s ON o.p_id = s.p_id',
  ],
  [
    'SELECT o.objId, s.srcId FROM Obj o RIGHT OUTER JOIN Src s ON o.objId = s.objId',
    'SELECT o.p_id, p_sid FROM p_obj o RIGHT JOIN p_src s ON o.p_id = s.p_id',
  ],
  [
    'SELECT o.objId, s.srcId FROM Obj o FULL OUTER JOIN Src s ON o.objId = s.objId',
    'SELECT o.p_id, p_sid FROM p_obj o FULL JOIN p_src s ON o.p_id = s.p_id',
  ],
  [
    'SELECT objId, srcId FROM Obj JOIN Src USING (objId)',
    'SELECT o.p_id, p_sid FROM p_obj o JOIN p_src s ON o.p_id = s.p_id',
  ],
  [
    'SELECT objId, srcId FROM Obj LEFT JOIN Src USING (objId)',
    'SELECT o.p_id, p_sid FROM p_obj o LEFT JOIN p_src s ON o.p_id = s.p_id',
  ],
  ['SELECT objId, srcId FROM Obj RIGHT JOIN Src USING (objId)', 'SELECT s.p_id, p_sid FROM p_src s'],
  [
    'SELECT objId, srcId FROM Obj FULL JOIN Src USING (objId)',
    'SELECT coalesce(o.p_id, s.p_id), p_sid FROM p_obj o FULL JOIN p_src s ON o.p_id = s.p_id',
  ],
  [
    'SELECT objId, srcId, band FROM Obj JOIN Src USING (objId, band)',
    'SELECT o.p_id, p_sid, o.p_band FROM p_obj o JOIN p_src s ON o.p_id = s.p_id AND o.p_band = s.p_band',
  ],
  [
    'SELECT objId, wavelength FROM Obj NATURAL JOIN Band',
    'SELECT p_id, p_wave FROM p_obj o JOIN p_filter f ON o.p_band = f.p_band',
  ],
  [
    'SELECT objId, wavelength, band FROM Obj NATURAL LEFT JOIN Band',
    'SELECT p_id, p_wave, o.p_band FROM p_obj o LEFT JOIN p_filter f ON o.p_band = f.p_band',
  ],
  [
    'SELECT band, COUNT(*) FROM Obj NATURAL FULL JOIN Band GROUP BY band',
    'SELECT coalesce(o.p_band, f.p_band), count(*) FROM p_obj o FULL JOIN p_filter f ON o.p_band = f.p_band GROUP BY 1',
  ],
  [
    'SELECT * FROM Band a JOIN Band b USING (band)',
    'SELECT a.p_band, a.p_wave, b.p_wave FROM p_filter a JOIN p_filter b ON a.p_band = b.p_band',
  ],
  ['SELECT * FROM Band a NATURAL JOIN Band b', 'SELECT p_band, p_wave FROM p_filter WHERE p_band IS NOT NULL'],
  ['SELECT a.band, b.band FROM Band a, Band b', 'SELECT a.p_band, b.p_band FROM p_filter a, p_filter b'],
  ['SELECT a.band, b.band FROM Band a CROSS JOIN Band b', 'SELECT a.p_band, b.p_band FROM p_filter a, p_filter b'],
  [
    'SELECT o.objId FROM Obj o, Band b WHERE o.band = b.band AND b.wavelength > 600',
    'SELECT p_id FROM p_obj o JOIN p_filter f ON o.p_band = f.p_band WHERE p_wave > 600',
  ],
  [
    'SELECT o.objId, s.srcId, b.wavelength FROM Obj o JOIN Src s ON o.objId = s.objId LEFT JOIN Band b ON s.band = b.band',
    'SELECT o.p_id, p_sid, p_wave FROM p_obj o JOIN p_src s ON o.p_id = s.p_id LEFT JOIN p_filter f ON s.p_band = f.p_band',
  ],
  [
    'SELECT o.objId, s.srcId FROM Obj o LEFT JOIN (Src s JOIN Band b ON s.band = b.band) ON o.objId = s.objId',
    'SELECT o.p_id, p_sid FROM p_obj o LEFT JOIN (p_src s JOIN p_filter f ON s.p_band = f.p_band) ON o.p_id = s.p_id',
  ],
  [
    'SELECT a.objId, b.objId FROM Obj a JOIN Obj b ON a.k = b.k + 1000 WHERE a.objId < 10',
    'SELECT p_id, p_id - 1 FROM p_obj WHERE p_id < 10 AND p_id > 1',
  ],
  [
    'SELECT u.id, o.objId FROM TAP_UPLOAD.t1 u JOIN Obj o ON u.id = o.objId',
    'SELECT u.p_id, o.p_id FROM p_upload u JOIN p_obj o ON u.p_id = o.p_id',
  ],
  [
    'SELECT cat.Obj.objId, cat.Src.srcId FROM cat.Obj JOIN cat.Src ON cat.Obj.objId = cat.Src.objId',
    'SELECT o.p_id, p_sid FROM p_obj o JOIN p_src s ON o.p_id = s.p_id',
  ],
];

const QUERIES: readonly Case[] = [
  [
    'SELECT q.objId FROM (SELECT objId, k FROM Obj WHERE k > 0) AS q WHERE q.k < 9000',
    'SELECT p_id FROM p_obj WHERE p_k > 0 AND p_k < 9000',
  ],
  ['SELECT * FROM (SELECT objId AS id, k + 1 FROM Obj) q', 'SELECT p_id, p_k + 1 FROM p_obj'],
  ['SELECT a FROM (SELECT b AS a FROM (SELECT objId AS b FROM Obj) p) q', 'SELECT p_id FROM p_obj'],
  [
    'SELECT q.m FROM (SELECT TOP 3 k AS m FROM Obj ORDER BY k DESC) q ORDER BY m',
    'SELECT p_k FROM p_obj ORDER BY p_k OFFSET 317',
  ],
  ['SELECT "q"."Mixed" FROM (SELECT objId AS "Mixed" FROM Obj) AS "q"', 'SELECT p_id FROM p_obj'],
  ['SELECT band FROM Obj UNION SELECT band FROM Band', 'SELECT p_band FROM p_obj UNION SELECT p_band FROM p_filter'],
  [
    'SELECT band FROM Obj UNION ALL SELECT band FROM Band',
    'SELECT p_band FROM p_obj UNION ALL SELECT p_band FROM p_filter',
  ],
  ['SELECT band FROM Band EXCEPT SELECT band FROM Obj', 'SELECT p_band FROM p_filter EXCEPT SELECT p_band FROM p_obj'],
  [
    'SELECT band FROM Obj EXCEPT ALL SELECT band FROM Band',
    'SELECT p_band FROM p_obj EXCEPT ALL SELECT p_band FROM p_filter',
  ],
  [
    'SELECT band FROM Obj INTERSECT SELECT band FROM Band',
    'SELECT p_band FROM p_obj INTERSECT SELECT p_band FROM p_filter',
  ],
  [
    'SELECT band FROM Obj INTERSECT ALL SELECT band FROM Src',
    'SELECT p_band FROM p_obj INTERSECT ALL SELECT p_band FROM p_src',
  ],
  ["SELECT 'a' FROM Band UNION SELECT 'b' FROM Band INTERSECT SELECT 'c' FROM Band", "SELECT 'a'"],
  ["(SELECT 'a' FROM Band UNION SELECT 'b' FROM Band) INTERSECT SELECT 'b' FROM Band", "SELECT 'b'"],
  ["SELECT 'a' FROM Band EXCEPT (SELECT 'b' FROM Band EXCEPT SELECT 'a' FROM Band)", "SELECT 'a'"],
  [
    'SELECT k FROM Obj UNION SELECT wavelength FROM Band',
    'SELECT p_k::float8 FROM p_obj UNION SELECT p_wave::float8 FROM p_filter',
  ],
  [
    'SELECT n FROM Obj UNION SELECT big FROM Obj WHERE objId < 3',
    'SELECT p_n::bigint FROM p_obj UNION SELECT p_big FROM p_obj WHERE p_id < 3',
  ],
  [
    'SELECT objId, NULL FROM Obj UNION SELECT NULL, k FROM Obj',
    'SELECT p_id, NULL::int FROM p_obj UNION SELECT NULL, p_k FROM p_obj',
  ],
  [
    'SELECT objId AS x FROM Obj UNION SELECT srcId FROM Src ORDER BY x DESC',
    'SELECT p_id FROM p_obj UNION SELECT p_sid FROM p_src ORDER BY 1 DESC',
  ],
  [
    'SELECT objId AS x FROM Obj UNION ALL SELECT srcId FROM Src ORDER BY 1 OFFSET 400',
    'SELECT p_id FROM p_obj UNION ALL SELECT p_sid FROM p_src ORDER BY 1 OFFSET 400',
  ],
  [
    'SELECT objId AS x FROM Obj UNION ALL SELECT srcId FROM Src ORDER BY MOD(x, 10), x',
    'SELECT x FROM (SELECT p_id AS x FROM p_obj UNION ALL SELECT p_sid FROM p_src) q ORDER BY x % 10, x',
  ],
  [
    '(SELECT TOP 2 objId FROM Obj ORDER BY objId) UNION ALL (SELECT TOP 2 srcId FROM Src ORDER BY srcId)',
    'SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 1000 UNION ALL SELECT 2000',
  ],
  ['(SELECT objId FROM Obj) ORDER BY objId', 'SELECT p_id FROM p_obj ORDER BY 1'],
  ['WITH q AS (SELECT objId FROM Obj WHERE k > 300000) SELECT * FROM q', 'SELECT p_id FROM p_obj WHERE p_k > 300000'],
  [
    'WITH q AS (SELECT objId AS i FROM Obj), r AS (SELECT i + 1 AS j FROM q) SELECT COUNT(*), MAX(j) FROM q JOIN r ON q.i = r.j',
    'SELECT 319, 320',
  ],
  ['WITH q(a, "B") AS (SELECT objId, k FROM Obj) SELECT a, "B" FROM q', 'SELECT p_id, p_k FROM p_obj'],
  ['WITH Obj AS (SELECT 1 AS x FROM Band) SELECT x FROM Obj', 'SELECT 1 FROM p_filter'],
  [
    'WITH q AS (SELECT band, COUNT(*) AS c FROM Obj GROUP BY band) SELECT o.objId, q.c FROM Obj o JOIN q ON o.band = q.band',
    'SELECT p_id, c FROM p_obj o JOIN (SELECT p_band, count(*) AS c FROM p_obj GROUP BY p_band) q ON o.p_band = q.p_band',
  ],
  [
    'SELECT objId FROM Obj WHERE objId IN (WITH q AS (SELECT objId FROM Src) SELECT objId FROM q)',
    'SELECT p_id FROM p_obj o WHERE EXISTS (SELECT 1 FROM p_src s WHERE s.p_id = o.p_id)',
  ],
  [
    'WITH q AS (SELECT objId FROM Obj UNION SELECT srcId FROM Src) SELECT COUNT(*) FROM q',
    'SELECT count(*) FROM (SELECT p_id FROM p_obj UNION SELECT p_sid FROM p_src) q',
  ],
  [
    'SELECT objId FROM Obj o WHERE EXISTS (SELECT 1 FROM (SELECT s.objId FROM Src s WHERE s.objId = o.objId) q)',
    'SELECT p_id FROM p_obj o WHERE EXISTS (SELECT 1 FROM p_src s WHERE s.p_id = o.p_id)',
  ],
];

/** What deep but allowed nesting means. */
const DEEP: readonly Case[] = [
  [`SELECT ${'('.repeat(45)}objId${')'.repeat(45)} FROM Obj`, 'SELECT p_id FROM p_obj'],
  [`SELECT objId FROM Obj WHERE ${'NOT '.repeat(60)}k > 0`, 'SELECT p_id FROM p_obj WHERE p_k > 0'],
  [`SELECT objId FROM Obj WHERE ${'('.repeat(40)}k > 0${')'.repeat(40)}`, 'SELECT p_id FROM p_obj WHERE p_k > 0'],
  [`SELECT k${' + 1'.repeat(500)} FROM Obj`, 'SELECT p_k + 500 FROM p_obj'],
  [
    `SELECT objId FROM Obj WHERE ${Array.from({ length: 800 }, (_, i) => `objId = ${2 * i}`).join(' OR ')}`,
    'SELECT p_id FROM p_obj WHERE p_id % 2 = 0',
  ],
  [
    `SELECT objId FROM Obj WHERE objId IN (${Array.from({ length: 20_000 }, (_, i) => 3 * i).join(', ')})`,
    'SELECT p_id FROM p_obj WHERE p_id % 3 = 0',
  ],
  [
    Array.from({ length: 20 }).reduce<string>(
      (inner, _, i) => `SELECT objId FROM (${inner}) q${i}`,
      'SELECT objId FROM Obj',
    ),
    'SELECT p_id FROM p_obj',
  ],
  [
    Array.from({ length: 40 }, (_, i) => `SELECT objId FROM Obj WHERE objId = ${i + 1}`).join(' UNION '),
    'SELECT p_id FROM p_obj WHERE p_id <= 40',
  ],
];

export const LANGUAGE_CASES: Readonly<Record<string, readonly Case[]>> = {
  'select lists and names': SELECTING,
  'numbers and units': ARITHMETIC,
  texts: TEXT,
  'casts and choices': CASTS,
  conditions: CONDITIONS,
  'aggregates and groups': GROUPING,
  'ORDER BY': ORDERING,
  joins: JOINS,
  'subqueries, sets and common tables': QUERIES,
  'deep nesting': DEEP,
};
