// Arguments that several queries share, and what makes them wrong.

import { Field, Float, InputType } from '@nestjs/graphql';
import type { SkySelection, TimeRange } from '#libs/catalog';
import type { SkyCircle } from '#libs/schema';
import { Moc } from '#libs/sky';
import { ApiError } from '../http/problem.js';

export const MAX_RADIUS_DEG = 5;

@InputType()
export class SkyPoint {
  @Field(() => Float, { description: 'right ascension [deg], 0 to 360' }) ra: number;
  @Field(() => Float, { description: 'declination [deg], -90 to 90' }) dec: number;
}

@InputType({
  description:
    'A part of the sky, ICRS: a cone (ra, dec, radius), or a convex polygon of great-circle arcs, or a coverage map. Exactly one of the three.',
})
export class SkyRegion {
  @Field(() => Float, { nullable: true, description: 'right ascension of the cone [deg], 0 to 360' }) ra?: number;
  @Field(() => Float, { nullable: true, description: 'declination of the cone [deg], -90 to 90' }) dec?: number;
  @Field(() => Float, {
    nullable: true,
    description: `radius of the cone [deg], more than 0, at most ${MAX_RADIUS_DEG}`,
  })
  radius?: number;
  @Field(() => [SkyPoint], { nullable: true, description: 'at least three corners, in either sense' })
  polygon?: SkyPoint[];
  @Field(() => String, { nullable: true, description: 'IVOA MOC in its ASCII form, such as `5/1-3,8 6/40`' })
  moc?: string;
}

@InputType({ description: 'A half-open interval of time, MJD TAI.' })
export class TimeInterval {
  @Field(() => Float, { nullable: true }) from?: number;
  @Field(() => Float, { nullable: true }) to?: number;
}

const checkPoint = (ra: number, dec: number): void => {
  if (!(ra >= 0 && ra <= 360)) throw new ApiError('BAD_REGION', `ra must be 0 to 360 degrees, not ${ra}`, ra);
  if (!(dec >= -90 && dec <= 90)) throw new ApiError('BAD_REGION', `dec must be -90 to 90 degrees, not ${dec}`, dec);
};

/** A region where only a cone will do. */
export function circleOf(region: SkyRegion | null | undefined): SkyCircle | undefined {
  if (!region) return undefined;
  const { ra, dec, radius } = region;
  if (ra == null || dec == null || radius == null || region.polygon != null || region.moc != null)
    throw new ApiError('BAD_REGION', 'this takes a cone: ra, dec and radius', region);
  checkPoint(ra, dec);
  if (!(radius > 0 && radius <= MAX_RADIUS_DEG))
    throw new ApiError(
      'BAD_REGION',
      `radius must be more than 0 and at most ${MAX_RADIUS_DEG} degrees, not ${radius}`,
      radius,
    );
  return { raDeg: ra % 360, decDeg: dec, radiusDeg: radius };
}

export function skySelectionOf(region: SkyRegion | null | undefined): SkySelection | undefined {
  if (!region) return undefined;
  const { polygon, moc, ...cone } = region;
  const forms = [polygon != null, moc != null, Object.values(cone).some((value) => value != null)];
  if (forms.filter(Boolean).length !== 1)
    throw new ApiError('BAD_REGION', 'a region is exactly one of: a cone (ra, dec, radius), polygon, moc', region);
  if (moc != null) return { moc: Moc.fromAscii(moc) };
  if (polygon == null) return { circle: circleOf(region)! };
  for (const { ra, dec } of polygon) checkPoint(ra, dec);
  return { polygon: polygon.map(({ ra, dec }) => ({ raDeg: ra % 360, decDeg: dec })) };
}

export function timeRangeOf(time: TimeInterval | null | undefined): TimeRange {
  const { from, to } = time ?? {};
  if (from != null && to != null && from > to)
    throw new ApiError('BAD_TIME', `the interval ends (${to}) before it begins (${from})`, from);
  return { ...(from != null && { fromMjdTai: from }), ...(to != null && { toMjdTai: to }) };
}

const MAX_ID = (1n << 63n) - 1n;

/** A 64-bit identifier as it comes in GraphQL and URLs. */
export function idOf(text: string, what = 'id'): bigint {
  const id = /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (id === undefined || id > MAX_ID)
    throw new ApiError('BAD_ID', `${what} must be a whole number below 2^63, not ${JSON.stringify(text)}`, text);
  return id;
}
