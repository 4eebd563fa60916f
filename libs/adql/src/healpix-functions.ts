// HEALPix in queries: from the hpx29 column of a table's position, or computed for literal positions.

import { healpixCentre, healpixIndex as indexOf, healpixPixelCount } from '#libs/sky';
import type { FunctionCall } from './ast.js';
import { integerConstant, requireNumber } from './coercion.js';
import type { Context } from './context.js';
import { inherit } from './environment.js';
import { constantShape, pointShape } from './shape.js';
import type { Value } from './value.js';

const ORDER = 'the order is a literal integer from 0 to 29';

function orderOf(context: Context, value: Value | undefined, call: FunctionCall): number {
  if (value?.integer === undefined || value.integer < 0n || value.integer > 29n)
    throw context.error('WRONG_ARGUMENTS', ORDER, value?.span ?? call);
  return Number(value.integer);
}

/** ivo_healpix_index(order, ra, dec) or (order, point): bigint. */
export function healpixIndex(context: Context, values: readonly Value[], call: FunctionCall): Value {
  const order = orderOf(context, values[0], call);
  const rest = values.slice(1);
  const given = rest[0]?.shape;
  if (given ? rest.length !== 1 || given.kind !== 'point' : rest.length !== 2)
    throw context.error(
      'WRONG_ARGUMENTS',
      'ivo_healpix_index is written ivo_healpix_index(order, ra, dec) or ivo_healpix_index(order, point)',
      call,
    );
  const point =
    given?.kind === 'point'
      ? given
      : pointShape(
          context,
          requireNumber(context, rest[0]!, 'ivo_healpix_index'),
          requireNumber(context, rest[1]!, 'ivo_healpix_index'),
        );
  if (point.constant)
    return {
      ...integerConstant(context, indexOf(order, point.constant.raDeg, point.constant.decDeg), call),
      kind: 'long',
    };
  if (!point.hpx29)
    throw context.error(
      'NOT_SUPPORTED',
      'ivo_healpix_index takes the position columns of a catalog table, or literal numbers',
      call,
    );
  const sql = order === 29 ? point.hpx29 : `(${point.hpx29} >> ${2 * (29 - order)})`;
  return { kind: 'long', sql, span: call, ...inherit(values) };
}

/** ivo_healpix_center(order, index): point. */
export function healpixCenter(context: Context, values: readonly Value[], call: FunctionCall): Value {
  const order = orderOf(context, values[0], call);
  const index = values[1]?.integer;
  if (values.length !== 2 || index === undefined || index < 0n || index >= healpixPixelCount(order))
    throw context.error(
      'WRONG_ARGUMENTS',
      `ivo_healpix_center is written ivo_healpix_center(order, index), with a literal index below ${healpixPixelCount(order)}`,
      call,
    );
  const shape = constantShape(context, { kind: 'point', position: healpixCentre(order, index) }, call);
  return { kind: 'point', sql: shape.array, shape, span: call, ...inherit() };
}
