// A light curve as columns: one array per quantity, all of the same length, by time. A tenth of the bytes and of the time of rows.

import { Field, Float, ID, Int, ObjectType } from '@nestjs/graphql';
import type { PlainRow } from '#libs/catalog';

@ObjectType({ description: 'Measurements of one object by time, a column each; all columns have `length` values.' })
export class LightCurve {
  @Field(() => Int) length: number;
  @Field(() => [Float], { description: 'middle of the exposure [MJD TAI]' }) midpointMjdTai: readonly unknown[];
  @Field(() => [String]) band: readonly unknown[];
  @Field(() => [ID]) visit: readonly unknown[];
  @Field(() => [Int]) detector: readonly unknown[];
  @Field(() => [Float], { nullable: 'items', description: '[nJy]; of the difference for DIAObjects' })
  psfFlux: readonly unknown[];
  @Field(() => [Float], { nullable: 'items', description: '[nJy]' }) psfFluxErr: readonly unknown[];
  @Field(() => [Float], { nullable: 'items', description: 'of DIAObjects: flux on the science image [nJy]' })
  scienceFlux: readonly unknown[];
  @Field(() => [Float], { nullable: 'items', description: '[nJy]' }) scienceFluxErr: readonly unknown[];
  @Field(() => [Float], { nullable: 'items', description: 'of detections: 0 to 1' }) reliability: readonly unknown[];
  @Field(() => [Boolean], { description: 'a detection, not a forced measurement' }) detected: readonly unknown[];
}

export const LIGHT_CURVE_COLUMNS = [
  'midpointMjdTai',
  'band',
  'visit',
  'detector',
  'psfFlux',
  'psfFluxErr',
  'scienceFlux',
  'scienceFluxErr',
  'reliability',
] as const;

const timeOf = (row: PlainRow): number => row['midpointMjdTai'] as number;

/** Two lists by time become one; each of the wanted bands. */
export function toColumns(
  detections: readonly PlainRow[],
  forced: readonly PlainRow[],
  bands?: readonly string[] | null,
): Record<string, unknown> {
  const wanted = (rows: readonly PlainRow[]): readonly PlainRow[] =>
    bands ? rows.filter((row) => bands.includes(row['band'] as string)) : rows;
  const [a, b] = [wanted(detections), wanted(forced)];
  const rows: PlainRow[] = [];
  const detected: boolean[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const first = j >= b.length || (i < a.length && timeOf(a[i]!) <= timeOf(b[j]!));
    rows.push(first ? a[i++]! : b[j++]!);
    detected.push(first);
  }
  return {
    length: rows.length,
    detected,
    ...Object.fromEntries(LIGHT_CURVE_COLUMNS.map((column) => [column, rows.map((row) => row[column] ?? null)])),
  };
}
