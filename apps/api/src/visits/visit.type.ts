import { Field, Float, ID, Int, ObjectType } from '@nestjs/graphql';
import { PageInfo } from '../graphql/page.js';

@ObjectType('Visit', { description: 'One pointing of the telescope, and how far its processing is.' })
export class VisitType {
  @Field(() => ID) visit: string;
  @Field(() => String) instrument: string;
  @Field(() => String) band: string;
  @Field(() => String, { description: 'announced, observed, processing, complete, partial or failed' }) status: string;
  @Field(() => Float, { description: 'middle of the exposure [MJD TAI]' }) midpointMjdTai: number;
  @Field(() => Float, { nullable: true, description: '[s]' }) exposureTime: number | null;
  @Field(() => Float, { nullable: true, description: 'boresight, ICRS [deg]' }) ra: number | null;
  @Field(() => Float, { nullable: true, description: 'boresight, ICRS [deg]' }) dec: number | null;
  @Field(() => Int, { description: 'detectors that sent frames' }) detectors: number;
  @Field(() => Int, { description: 'detectors in the catalog' }) detectorsDone: number;
  @Field(() => Int, { description: 'detections on its calibrated exposures' }) sources: number;
  @Field(() => Int, { description: 'detections on its differences' }) diaSources: number;
  @Field(() => Int, { description: 'alerts published' }) alerts: number;
}

@ObjectType()
export class VisitPage {
  @Field(() => [VisitType]) nodes: VisitType[];
  @Field(() => PageInfo) pageInfo: PageInfo;
}
