// Arguments that several queries share, and what makes them wrong.

import { Field, Float, InputType } from '@nestjs/graphql';
import type { TimeRange } from '#libs/catalog';
import type { SkyCircle } from '#libs/schema';
import { ApiError } from '../http/problem.js';

export const MAX_RADIUS_DEG = 5;

@InputType({ description: 'A cone: everything within `radius` of a position. ICRS, degrees.' })
export class SkyRegion {
  @Field(() => Float, { description: 'right ascension [deg], 0 to 360' }) ra: number;
  @Field(() => Float, { description: 'declination [deg], -90 to 90' }) dec: number;
  @Field(() => Float, { description: `radius [deg], more than 0, at most ${MAX_RADIUS_DEG}` }) radius: number;
}

@InputType({ description: 'A half-open interval of time, MJD TAI.' })
export class TimeInterval {
  @Field(() => Float, { nullable: true }) from?: number;
  @Field(() => Float, { nullable: true }) to?: number;
}

export function circleOf(region: SkyRegion | null | undefined): SkyCircle | undefined {
  if (!region) return undefined;
  const { ra, dec, radius } = region;
  if (!(ra >= 0 && ra <= 360)) throw new ApiError('BAD_REGION', `ra must be 0 to 360 degrees, not ${ra}`, ra);
  if (!(dec >= -90 && dec <= 90)) throw new ApiError('BAD_REGION', `dec must be -90 to 90 degrees, not ${dec}`, dec);
  if (!(radius > 0 && radius <= MAX_RADIUS_DEG))
    throw new ApiError(
      'BAD_REGION',
      `radius must be more than 0 and at most ${MAX_RADIUS_DEG} degrees, not ${radius}`,
      radius,
    );
  return { raDeg: ra % 360, decDeg: dec, radiusDeg: radius };
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
