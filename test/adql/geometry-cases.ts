// Geometry in ADQL and in SQL by another way: cross and dot products of unit vectors (ref_distance, ref_inside), or pgsphere.
import type { Case } from './case.js';

/** centre and radius of circles at the places where longitudes jump, poles included */
const CIRCLES: readonly (readonly [ra: number, dec: number, radius: number])[] = [
  [0, 0, 0.001],
  [359.99995, 0, 0.0001],
  [180, 10, 0.001],
  [0, 90, 0.2],
  [200, 90, 12],
  [45, -90, 0.5],
  [10, -60, 0.0003],
  [10, -60, 1.5],
  [359, -60, 1],
  [359, -60, 29.5],
  [200.5, 45.25, 0],
  [200.5, 45.25, 60],
  [0, 0, 90],
  [20.5, -45.25, 179.99995],
  [20.5, -45.25, 180],
  [100, 20, 120],
];
const circleCases = CIRCLES.flatMap(([ra, dec, r]): Case[] => {
  const inside = `ref_distance(p_ra, p_dec, ${ra}, ${dec}) <= ${r} + 1e-13`;
  const circle = `CIRCLE(${ra}, ${dec}, ${r})`;
  return [
    [`SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), ${circle})`, `SELECT p_id FROM p_obj WHERE ${inside}`],
    [
      `SELECT objId FROM Obj WHERE CONTAINS(POINT(ra, "dec"), ${circle}) = 0`,
      `SELECT p_id FROM p_obj WHERE NOT ${inside}`,
    ],
    [
      `SELECT objId FROM Obj WHERE DISTANCE(POINT(${ra}, ${dec}), POINT(ra, "dec")) <= ${r}`,
      `SELECT p_id FROM p_obj WHERE ${inside}`,
    ],
  ];
});

/** convex polygons over RA 0, RA 180, the poles, tiny ones, nearly a hemisphere, both senses of rotation */
const POLYGONS: readonly (readonly number[])[] = [
  [359, -1, 1, -1, 1, 1, 359, 1],
  [359, 1, 1, 1, 1, -1, 359, -1],
  [0, 85, 90, 85, 180, 85, 270, 85],
  [0, -80, 120, -80, 240, -80],
  [179, 9, 181, 9, 181, 11, 179, 11],
  [9.9999, -60.0001, 10.0001, -60.0001, 10.0001, -59.9999, 9.9999, -59.9999],
  [300, -60, 60, -60, 0, 60],
  [0, -40, 90, -40, 90, 40, 0, 40],
  [0, 3, 120, 3, 240, 3],
  [0, 0, 90, 0, 0, 90],
  [350, 44, 10, 44, 10, 46, 350, 46],
];
const polygonCases = POLYGONS.flatMap((polygon): Case[] => {
  const inside = `ref_inside(p_ra, p_dec, ${polygon.join(', ')})`;
  return [
    [
      `SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), POLYGON(${polygon.join(', ')}))`,
      `SELECT p_id FROM p_obj WHERE ${inside}`,
    ],
    [
      `SELECT objId, CONTAINS(POINT(ra, "dec"), POLYGON(${polygon.join(', ')})) FROM Obj`,
      `SELECT p_id, ${inside}::int FROM p_obj`,
    ],
  ];
});

const PREDICATES: readonly Case[] = [
  [
    'SELECT objId, CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 40)) AS c FROM Obj',
    'SELECT p_id, (ref_distance(p_ra, p_dec, 10, -60) <= 40)::int FROM p_obj',
  ],
  [
    "SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT('ICRS', ra, \"dec\"), CIRCLE('ICRS GEOCENTER', 10, -60, 5))",
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(POINT(10, -60), 5))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(10, -60), CIRCLE(ra, "dec", 5))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(10, -60), CIRCLE(ra, "dec", "size"))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= p_size',
  ],
  [
    'SELECT objId FROM Obj WHERE CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 5)) <> 0',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 5)) > 0',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 5)) IN (1)',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE NOT 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 50))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) > 50',
  ],
  [
    'SELECT objId FROM Obj WHERE k = 1000 OR 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 5))',
    'SELECT p_id FROM p_obj WHERE p_k = 1000 OR ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 5)) OR 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(0, 90, 1))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5 OR ref_distance(p_ra, p_dec, 0, 90) <= 1',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 60)) AND k > 100000',
    'SELECT p_id FROM p_obj WHERE p_k > 100000 AND ref_distance(p_ra, p_dec, 10, -60) <= 60',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra + 1, "dec"), CIRCLE(11, -60, 5))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra + 1, p_dec, 11, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(NULL, -60, 5))',
    'SELECT p_id FROM p_obj WHERE FALSE',
  ],
  [
    'SELECT objId FROM Obj WHERE 0 = CONTAINS(POINT(ra, "dec"), CIRCLE(10, NULL, 5))',
    'SELECT p_id FROM p_obj WHERE FALSE',
  ],
  [
    'SELECT id FROM t1 WHERE 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(0, 0, 1))',
    'SELECT p_id FROM p_upload WHERE p_id IN (1, 2, 3)',
  ],
  [
    'SELECT id FROM t1 WHERE 0 = CONTAINS(POINT(ra, "dec"), CIRCLE(0, 0, 1))',
    'SELECT p_id FROM p_upload WHERE p_id IN (4, 6, 7)',
  ],
  [
    'SELECT id, CONTAINS(POINT(ra, "dec"), CIRCLE(0, 0, 1)) FROM t1',
    'SELECT p_id, (ref_distance(p_ra, p_dec, 0, 0) <= 1)::int FROM p_upload',
  ],
  [
    'SELECT objId FROM Obj WHERE DISTANCE(ra, "dec", 10, -60) < 5',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) < 5',
  ],
  [
    'SELECT objId FROM Obj WHERE 5 > DISTANCE(ra, "dec", 10, -60)',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) < 5',
  ],
  [
    'SELECT objId FROM Obj WHERE DISTANCE(ra, "dec", 10, -60) >= 50',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) >= 50',
  ],
  [
    'SELECT objId FROM Obj WHERE NOT DISTANCE(ra, "dec", 10, -60) < 50',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) >= 50',
  ],
  [
    'SELECT objId FROM Obj WHERE DISTANCE(ra, "dec", 10, -60) BETWEEN 1 AND 8',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) BETWEEN 1 AND 8',
  ],
  [
    'SELECT objId FROM Obj WHERE DISTANCE(ra, "dec", 10, -60) NOT BETWEEN 1 AND 8',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) NOT BETWEEN 1 AND 8',
  ],
  [
    'SELECT objId FROM Obj WHERE DISTANCE(ra, "dec", 10, -60) < "size" / 10',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) < p_size / 10',
  ],
  [
    'SELECT objId FROM Obj WHERE DISTANCE(ra, "dec", 10, -60) * 60 < 300',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) < 5',
  ],
  [
    'SELECT q.objId FROM (SELECT objId, ra, "dec" FROM Obj WHERE k > 0) q WHERE DISTANCE(q.ra, q."dec", 10, -60) < 20',
    'SELECT p_id FROM p_obj WHERE p_k > 0 AND ref_distance(p_ra, p_dec, 10, -60) < 20',
  ],
  [
    'WITH q AS (SELECT objId, ra, "dec" FROM Obj) SELECT objId FROM q WHERE 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 1))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) < 1',
  ],
  [
    'SELECT o.objId, s.srcId FROM Obj o JOIN Src s ON 1 = CONTAINS(POINT(s.ra, s."dec"), CIRCLE(o.ra, o."dec", 1. / 3600))',
    'SELECT o.p_id, p_sid FROM p_obj o, p_src s WHERE ref_distance(o.p_ra, o.p_dec, s.p_ra, s.p_dec) <= 1. / 3600',
  ],
  [
    'SELECT o.objId, s.srcId FROM Obj o, Src s WHERE DISTANCE(o.ra, o."dec", s.ra, s."dec") < 0.6 / 3600',
    'SELECT o.p_id, p_sid FROM p_obj o, p_src s WHERE ref_distance(o.p_ra, o.p_dec, s.p_ra, s.p_dec) < 0.6 / 3600',
  ],
  [
    'SELECT u.id, o.objId FROM TAP_UPLOAD.t1 u JOIN Obj o ON DISTANCE(POINT(u.ra, u."dec"), POINT(o.ra, o."dec")) < 0.001',
    'SELECT u.p_id, o.p_id FROM p_upload u, p_obj o WHERE ref_distance(u.p_ra, u.p_dec, o.p_ra, o.p_dec) < 0.001',
  ],
  [
    'SELECT u.id, o.objId FROM t1 u LEFT JOIN Obj o ON 1 = CONTAINS(POINT(o.ra, o."dec"), CIRCLE(u.ra, u."dec", 0.0002))',
    'SELECT u.p_id, o.p_id FROM p_upload u LEFT JOIN p_obj o ON ref_distance(u.p_ra, u.p_dec, o.p_ra, o.p_dec) <= 0.0002',
  ],
  [
    'SELECT o.objId, s.srcId FROM Obj o JOIN Src s ON DISTANCE(o.ra, o."dec", s.ra, s."dec") < o."size" / 3600 AND o.band = s.band',
    'SELECT o.p_id, p_sid FROM p_obj o, p_src s WHERE ref_distance(o.p_ra, o.p_dec, s.p_ra, s.p_dec) < o.p_size / 3600 AND o.p_band = s.p_band',
  ],
  ['SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), POINT(0, 0))', 'SELECT 1'],
  [
    'SELECT objId FROM Obj WHERE 1 = INTERSECTS(POINT(ra, "dec"), CIRCLE(10, -60, 5))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = INTERSECTS(CIRCLE(10, -60, 5), POINT(ra, "dec"))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = INTERSECTS(CIRCLE(ra, "dec", 3), CIRCLE(10, -60, 5))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 8',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(CIRCLE(ra, "dec", 3), CIRCLE(10, -60, 25))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 22',
  ],
  [
    'SELECT objId FROM Obj WHERE 0 = INTERSECTS(CIRCLE(ra, "dec", 3), CIRCLE(10, -60, 50))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) > 53',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), BOX(25, -20, 60, 40))',
    'SELECT p_id FROM p_obj WHERE ref_inside(p_ra, p_dec, -5, 0, -5, -40, 55, -40, 55, 0)',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(1, 2), BOX(ra, "dec" / 2, "size" + 5, 30)) AND "size" < 60',
    `SELECT p_id FROM p_obj WHERE p_size < 60 AND ref_inside(1, 2, p_ra - (p_size + 5) / 2, p_dec / 2 - 15, p_ra + (p_size + 5) / 2, p_dec / 2 - 15,
      p_ra + (p_size + 5) / 2, p_dec / 2 + 15, p_ra - (p_size + 5) / 2, p_dec / 2 + 15)`,
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), BOX(\'ICRS\', POINT(0, 0), 2, 2))',
    'SELECT p_id FROM p_obj WHERE ref_inside(p_ra, p_dec, -1, -1, 1, -1, 1, 1, -1, 1)',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), REGION(\'CIRCLE ICRS 10 -60 5\'))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), REGION(\'Polygon ICRS GEOCENTER 359 -1 1 -1 1 1 359 1\'))',
    'SELECT p_id FROM p_obj WHERE ref_inside(p_ra, p_dec, 359, -1, 1, -1, 1, 1, 359, 1)',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), REGION(\'Box ICRS 0 0 2 2\'))',
    'SELECT p_id FROM p_obj WHERE ref_inside(p_ra, p_dec, -1, -1, 1, -1, 1, 1, -1, 1)',
  ],
  [
    'SELECT objId FROM Obj WHERE DISTANCE(POINT(ra, "dec"), REGION(\'POSITION 10 -60\')) < 5',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) < 5',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), CAST(\'10 -60 5\' AS CIRCLE))',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) <= 5',
  ],
  [
    'SELECT id FROM t1 WHERE 1 = CONTAINS(CAST(CAST(ra AS VARCHAR) || \' \' || CAST("dec" AS VARCHAR) AS POINT), CIRCLE(0, 0, 1))',
    'SELECT p_id FROM p_upload WHERE p_id IN (1, 2, 3)',
  ],
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), POLYGON(POINT(359, -1), POINT(1, -1), POINT(1, 1), POINT(359, 1)))',
    'SELECT p_id FROM p_obj WHERE ref_inside(p_ra, p_dec, 359, -1, 1, -1, 1, 1, 359, 1)',
  ],
  // not convex: an L over RA 0
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), POLYGON(340, -30, 20, -30, 20, 0, 0, 0, 0, 30, 340, 30))',
    'SELECT p_id FROM p_obj WHERE ref_inside(p_ra, p_dec, 340, -30, 20, -30, 20, 0, 0, 0) OR ref_inside(p_ra, p_dec, 340, -30, 0, 0, 0, 30, 340, 30)',
  ],
  // vertices from columns, and one that is NULL
  [
    'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(0, 0), POLYGON(NULL, -20, 30, -20, ra, 40))',
    'SELECT p_id FROM p_obj WHERE FALSE',
  ],
  [
    'SELECT o.objId FROM Obj o WHERE 1 = CONTAINS(POINT(0, 0), POLYGON(o.ra - 30, -20, o.ra + 30, -20, o.ra, 40))',
    'SELECT p_id FROM p_obj WHERE ref_inside(0, 0, p_ra - 30, -20, p_ra + 30, -20, p_ra, 40)',
  ],
];

const COLUMNS: readonly Case[] = [
  ['SELECT id FROM t1 WHERE 1 = CONTAINS(p, CIRCLE(0, 0, 1))', 'SELECT p_id FROM p_upload WHERE p_id IN (1, 2, 3)'],
  [
    'SELECT u.id, o.objId FROM t1 u JOIN Obj o ON 1 = CONTAINS(POINT(o.ra, o."dec"), u.c)',
    'SELECT u.p_id, o.p_id FROM p_upload u, p_obj o WHERE ref_distance(o.p_ra, o.p_dec, p_circle[1], p_circle[2]) <= p_circle[3]',
  ],
  [
    'SELECT u.id, o.objId FROM t1 u JOIN Obj o ON 1 = CONTAINS(POINT(o.ra, o."dec"), u.g)',
    'SELECT u.p_id, o.p_id FROM p_upload u, p_obj o WHERE ref_inside(o.p_ra, o.p_dec, VARIADIC p_polygon)',
  ],
  ['SELECT p, c, g FROM t1', 'SELECT p_point, p_circle, p_polygon FROM p_upload'],
  [
    'SELECT id, DISTANCE(p, POINT(0, 0)) FROM t1',
    'SELECT p_id, ref_distance(p_point[1], p_point[2], 0, 0) FROM p_upload',
  ],
  [
    'SELECT id, COORD1(p), COORD2(p), COORD1(CENTROID(c)) FROM t1',
    'SELECT p_id, p_point[1], p_point[2], p_circle[1] FROM p_upload',
  ],
  [
    'SELECT id, AREA(c) FROM t1',
    'SELECT p_id, 2 * pi() * (1 - cos(radians(p_circle[3]))) * (180 / pi()) ^ 2 FROM p_upload WHERE p_id NOT IN (2, 6) UNION ALL SELECT p_id, pi() * 1e-6 FROM p_upload WHERE p_id IN (2, 6)',
  ],
  [
    'SELECT q.id FROM (SELECT id, p AS where_it_is FROM t1) q WHERE 1 = CONTAINS(q.where_it_is, CIRCLE(0, 0, 1))',
    'SELECT p_id FROM p_upload WHERE p_id IN (1, 2, 3)',
  ],
  [
    'SELECT q.objId FROM (SELECT objId, POINT(ra, "dec") AS pos FROM Obj) q WHERE DISTANCE(q.pos, POINT(10, -60)) < 5',
    'SELECT p_id FROM p_obj WHERE ref_distance(p_ra, p_dec, 10, -60) < 5',
  ],
  [
    'SELECT objId, POINT(ra, "dec"), CIRCLE(ra, "dec", "size") FROM Obj',
    'SELECT p_id, ARRAY[p_ra, p_dec], ARRAY[p_ra, p_dec, p_size] FROM p_obj',
  ],
  [
    'SELECT id, POINT(ra, "dec") FROM t1',
    'SELECT p_id, CASE WHEN p_ra IS NOT NULL THEN ARRAY[p_ra, p_dec] END FROM p_upload',
  ],
  [
    'SELECT POLYGON(0, 0, 10, 0, 10, 10), BOX(25, -20, 10, 10) FROM Band',
    "SELECT '{0,0,10,0,10,10}'::float8[], '{20,-15,20,-25,30,-25,30,-15}'::float8[] FROM p_filter",
  ],
  [
    'SELECT COORD1(POINT(10, 20)), COORD2(POINT(10, 20)), COORDSYS(POINT(1, 2)) FROM Band',
    "SELECT 10, 20, 'ICRS' FROM p_filter",
  ],
  ['SELECT COORD1(POINT(ra, "dec")) FROM Obj', 'SELECT p_ra FROM p_obj'],
  ['SELECT COALESCE(p, POINT(1, 2)) FROM t1', "SELECT coalesce(p_point, '{1,2}') FROM p_upload"],
  ['SELECT id FROM t1 WHERE p IS NULL', 'SELECT p_id FROM p_upload WHERE p_id = 5'],
  ['SELECT COUNT(p), COUNT(g) FROM t1', 'SELECT 6, 4'],
  ['SELECT p FROM t1 UNION SELECT POINT(1, 2) FROM t1', "SELECT p_point FROM p_upload UNION SELECT '{1,2}'"],
  ['SELECT CAST(p AS VARCHAR) FROM t1 WHERE id = 4', "SELECT '200.5 45.25005'"],
  ['SELECT imageId FROM Image WHERE 1 = CONTAINS(POINT(0, 0), s_region)', 'SELECT 1'],
  ['SELECT imageId FROM Image WHERE 1 = CONTAINS(POINT(33, 88), s_region)', 'SELECT 2'],
  ['SELECT imageId FROM Image WHERE 1 = CONTAINS(POINT(33, 90), shape)', 'SELECT 2'],
  [
    'SELECT imageId FROM Image WHERE 0 = CONTAINS(POINT(10, -60), shape)',
    'SELECT p_rid FROM p_image WHERE p_rid IN (1, 2, 4)',
  ],
  ['SELECT imageId FROM Image WHERE 1 = INTERSECTS(s_region, CIRCLE(2, 0, 1.1))', 'SELECT 1'],
  ['SELECT imageId FROM Image WHERE 1 = INTERSECTS(CIRCLE(2.2, 0, 1.1), s_region)', 'SELECT 1 WHERE FALSE'],
  ['SELECT imageId FROM Image WHERE 1 = INTERSECTS(shape, POLYGON(0.9, 0.9, 3, 0.9, 3, 3))', 'SELECT 1'],
  ['SELECT imageId FROM Image WHERE 1 = INTERSECTS(shape, POLYGON(1.1, 1.1, 3, 1.1, 3, 3))', 'SELECT 1 WHERE FALSE'],
  ['SELECT imageId FROM Image WHERE 1 = CONTAINS(CIRCLE(0, 0, 0.99), shape)', 'SELECT 1'],
  ['SELECT imageId FROM Image WHERE 1 = CONTAINS(CIRCLE(0, 0, 1.001), shape)', 'SELECT 1 WHERE FALSE'],
  ['SELECT imageId FROM Image WHERE 1 = CONTAINS(shape, CIRCLE(0, 0, 1.5))', 'SELECT 1'],
  ['SELECT imageId FROM Image WHERE 1 = CONTAINS(shape, CIRCLE(0, 0, 1.41))', 'SELECT 1 WHERE FALSE'],
  ['SELECT imageId FROM Image WHERE 1 = CONTAINS(s_region, CIRCLE(0, 90, 5.0001))', 'SELECT 2'],
  ['SELECT imageId FROM Image WHERE 1 = CONTAINS(POLYGON(359.5, -0.5, 0.5, -0.5, 0, 0.5), shape)', 'SELECT 1'],
  ['SELECT imageId FROM Image WHERE 1 = CONTAINS(shape, POLYGON(358, -2, 2, -2, 2, 2, 358, 2))', 'SELECT 1'],
  ['SELECT imageId, s_region FROM Image', 'SELECT p_rid, p_text FROM p_image'],
  [
    'SELECT o.objId, i.imageId FROM Obj o JOIN Image i ON 1 = CONTAINS(POINT(o.ra, o."dec"), i.s_region)',
    'SELECT o.p_id, p_rid FROM p_obj o, p_image i WHERE ref_inside(o.p_ra, o.p_dec, VARIADIC p_shape)',
  ],
];

const MEASURES: readonly Case[] = [
  [
    'SELECT objId, DISTANCE(ra, "dec", 200.5, 45.25) FROM Obj',
    'SELECT p_id, ref_distance(p_ra, p_dec, 200.5, 45.25) FROM p_obj',
  ],
  ['SELECT objId, DISTANCE(POINT(ra, "dec"), POINT(0, 90)) FROM Obj', 'SELECT p_id, 90 - p_dec FROM p_obj'],
  [
    'SELECT DISTANCE(0, 0, 180, 0), DISTANCE(10, 20, 190, -20), DISTANCE(5, 90, 99, 90) FROM Band',
    'SELECT 180, 180, 0 FROM p_filter',
  ],
  [
    'SELECT DISTANCE(359.5, 0, 0.5, 0), DISTANCE(-0.5, 0, 0.5, 0), DISTANCE(719.5, 0, 0.5, 0) FROM Band',
    'SELECT 1, 1, 1 FROM p_filter',
  ],
  // 10 microarcseconds, in declination and in right ascension at declination -60
  [
    'SELECT DISTANCE(10, 0, 10, 10e-6 / 3600) * 3600e6, DISTANCE(0, -60, 20e-6 / 3600, -60) * 3600e6 FROM Band',
    'SELECT 10, 10 FROM p_filter',
  ],
  [
    'SELECT DISTANCE(POINT(ra + 0, "dec"), POINT(10, -60)) FROM Obj',
    'SELECT ref_distance(p_ra, p_dec, 10, -60) FROM p_obj',
  ],
  [
    'SELECT AREA(CIRCLE(0, 0, 180)), AREA(CIRCLE(10, 90, 90)), AREA(POINT(1, 2)) FROM Band',
    'SELECT 4 * pi() * (180 / pi()) ^ 2, 2 * pi() * (180 / pi()) ^ 2, 0 FROM p_filter',
  ],
  [
    'SELECT AREA(POLYGON(0, 0, 90, 0, 0, 90)), AREA(POLYGON(0, 90, 90, 0, 0, 0)) FROM Band',
    'SELECT 0.5 * pi() * (180 / pi()) ^ 2, 0.5 * pi() * (180 / pi()) ^ 2 FROM p_filter',
  ],
  ['SELECT AREA(POLYGON(0, 0, 1e-4, 0, 1e-4, 1e-4, 0, 1e-4)) * 1e8 FROM Band', 'SELECT 1 FROM p_filter'],
  // a lune from pole to pole through the equator, cut into two triangles
  ['SELECT AREA(POLYGON(0, 0, 30, 0, 0, 90)) * 2 FROM Band', 'SELECT 2 * pi() / 6 * (180 / pi()) ^ 2 FROM p_filter'],
  [
    'SELECT COORD1(CENTROID(POLYGON(359, -1, 1, -1, 1, 1, 359, 1))), COORD2(CENTROID(CIRCLE(3, 4, 5))) FROM Band',
    'SELECT 0, 4 FROM p_filter',
  ],
  ['SELECT COORD2(CENTROID(POLYGON(0, 85, 90, 85, 180, 85, 270, 85))) FROM Band', 'SELECT 90 FROM p_filter'],
  // the octant's centre of mass lies on its axis
  [
    'SELECT COORD1(CENTROID(POLYGON(0, 0, 90, 0, 0, 90))), COORD2(CENTROID(POLYGON(0, 0, 90, 0, 0, 90))) FROM Band',
    'SELECT 45, degrees(asin(1 / sqrt(3::float8))) FROM p_filter',
  ],
  [
    'SELECT objId, ivo_healpix_index(29, ra, "dec"), ivo_healpix_index(6, POINT(ra, "dec")), ivo_healpix_index(0, ra, "dec") FROM Obj',
    'SELECT p_id, p_hpx, p_hpx >> 46, p_hpx >> 58 FROM p_obj',
  ],
  [
    'SELECT ivo_healpix_index(0, ra, "dec") AS h, COUNT(*) FROM Obj GROUP BY h',
    'SELECT p_hpx >> 58, count(*) FROM p_obj GROUP BY 1',
  ],
];

export const GEOMETRY_CASES: Readonly<Record<string, readonly Case[]>> = {
  circles: circleCases,
  'convex polygons': polygonCases,
  'predicates in all positions': PREDICATES,
  'regions in columns': COLUMNS,
  'distances, areas and centres': MEASURES,
};

/** The same questions to pgsphere: radians, polygons as text. */
const spherePoint = 'spoint(radians(p_ra), radians(p_dec))';
const spherePolygon = (polygon: readonly number[]): string =>
  `spoly '{${Array.from({ length: polygon.length / 2 }, (_, i) => `(${polygon[2 * i]}d,${polygon[2 * i + 1]}d)`).join(',')}}'`;

const NOT_CONVEX: readonly (readonly number[])[] = [
  [340, -30, 20, -30, 20, 0, 0, 0, 0, 30, 340, 30],
  [100, 60, 200, 60, 200, 80, 150, 70],
  [0, -70, 60, -50, 120, -70, 180, -50, 240, -70, 300, -50],
];
export const PGSPHERE_CASES: readonly Case[] = [
  // pgsphere gives no area to an arcsecond square
  ...[...POLYGONS, ...NOT_CONVEX]
    .filter((polygon) => !polygon.includes(3) && Math.abs(polygon[1]! - polygon[5]!) > 0.01)
    .map((polygon): Case => [
      `SELECT AREA(POLYGON(${polygon.join(', ')})) FROM Band`,
      `SELECT area(${spherePolygon(polygon)}) * (180 / pi()) ^ 2 FROM p_filter`,
    ]),
  ...CIRCLES.filter(([, , radius]) => radius > 0 && radius < 90).map(([ra, dec, r]): Case => [
    `SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(${ra}, ${dec}, ${r}))`,
    `SELECT p_id FROM p_obj WHERE ${spherePoint} <@ scircle(spoint(radians(${ra}), radians(${dec})), radians(${r}))`,
  ]),
  ...[...POLYGONS.filter((polygon) => !polygon.includes(3)), ...NOT_CONVEX].flatMap((polygon): Case[] => [
    [
      `SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), POLYGON(${polygon.join(', ')}))`,
      `SELECT p_id FROM p_obj WHERE ${spherePoint} <@ ${spherePolygon(polygon)}`,
    ],
    [
      `SELECT objId FROM Obj WHERE 1 = INTERSECTS(CIRCLE(ra, "dec", 7), POLYGON(${polygon.join(', ')}))`,
      `SELECT p_id FROM p_obj WHERE scircle(${spherePoint}, radians(7)) && ${spherePolygon(polygon)}`,
    ],
  ]),
  [
    'SELECT objId, DISTANCE(ra, "dec", 200.5, 45.25) FROM Obj',
    `SELECT p_id, degrees(${spherePoint} <-> spoint(radians(200.5), radians(45.25))) FROM p_obj`,
  ],
];
