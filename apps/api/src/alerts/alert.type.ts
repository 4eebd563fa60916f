import { Field, Float, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';
import type { AlertSummary } from '#libs/alerts';
import { PageInfo } from '../graphql/page.js';

@ObjectType('Alert', { description: 'A published alert; its packet holds the rows and cut-outs it was made of.' })
export class AlertType {
  @ApiProperty({ type: String, description: 'grows with every alert; the cursor of pages and streams' })
  @Field(() => ID, { description: 'grows with every alert; the cursor of pages and streams' })
  sequence: string;
  @ApiProperty({ type: String }) @Field(() => ID) diaSourceId: string;
  @ApiProperty({ type: String }) @Field(() => ID) visit: string;
  @ApiProperty({ type: Number }) @Field(() => Int) detector: number;
  @ApiProperty({ type: String, nullable: true })
  @Field(() => ID, { nullable: true })
  diaObjectId: string | null;
  @ApiProperty({ type: String, nullable: true })
  @Field(() => ID, { nullable: true })
  ssObjectId: string | null;
  @ApiProperty({ type: Number, description: 'middle of the exposure [MJD TAI]' })
  @Field(() => Float, { description: 'middle of the exposure [MJD TAI]' })
  midpointMjdTai: number;
  @ApiProperty({ type: Number, description: 'ICRS [deg]' })
  @Field(() => Float, { description: 'ICRS [deg]' })
  ra: number;
  @ApiProperty({ type: Number, description: 'ICRS [deg]' })
  @Field(() => Float, { description: 'ICRS [deg]' })
  dec: number;
  @ApiProperty({ type: String, nullable: true }) @Field(() => String, { nullable: true }) band: string | null;
  @ApiProperty({ type: Number, nullable: true })
  @Field(() => Float, { nullable: true, description: 'significance of the detection' })
  snr: number | null;
  @ApiProperty({ type: Number, nullable: true })
  @Field(() => Float, { nullable: true, description: 'from 0 (artefact) to 1 (real)' })
  reliability: number | null;
  @ApiProperty({ type: Date }) @Field(() => GraphQLISODateTime) publishedAt: Date;
}

@ObjectType()
export class AlertPage {
  @Field(() => [AlertType]) nodes: AlertType[];
  @Field(() => PageInfo) pageInfo: PageInfo;
}

export const toAlert = (alert: AlertSummary): AlertType => ({
  ...alert,
  sequence: alert.sequence.toString(),
  diaSourceId: alert.diaSourceId.toString(),
  visit: alert.visit.toString(),
  diaObjectId: alert.diaObjectId?.toString() ?? null,
  ssObjectId: alert.ssObjectId?.toString() ?? null,
  snr: Number.isNaN(alert.snr) ? null : alert.snr,
  reliability: Number.isNaN(alert.reliability) ? null : alert.reliability,
});
