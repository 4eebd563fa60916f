import { Field, Float, ID, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';
import type { Level3Job, Level3Result } from '#libs/level3';
import { GraphQLJSON } from '../graphql/json.scalar.js';
import { JobType, toJob } from '../jobs/job.type.js';

@ObjectType('Level3Job', { description: 'A submitted pipeline of a user.' })
export class Level3JobType {
  @ApiProperty({ type: JobType }) @Field(() => JobType) job: JobType;
  @ApiProperty({ type: String, description: 'collection that holds the results' })
  @Field(() => String, { description: 'collection that holds the results; later jobs may name it among their inputs' })
  run: string;
  @ApiProperty({ type: String }) @Field(() => String) name: string;
  @ApiProperty({ type: Object, nullable: true, description: 'what succeeded and what failed, once the work has ended' })
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'what succeeded and what failed with its reason, log lines and metrics, once the work has ended',
  })
  report: unknown;
}

@ObjectType('Level3Result', { description: 'A dataset that a Level 3 job made.' })
export class Level3ResultType {
  @ApiProperty({ type: String }) @Field(() => ID) id: string;
  @ApiProperty({ type: String }) @Field(() => String) datasetType: string;
  @ApiProperty({ type: Object }) @Field(() => GraphQLJSON) dataId: unknown;
  @ApiProperty({ type: Number }) @Field(() => Float, { description: 'bytes' }) size: number;
  @ApiProperty({ type: String }) @Field(() => String) mediaType: string;
  @ApiProperty({ type: String }) @Field(() => String) fileName: string;
  @ApiProperty({ type: String }) @Field(() => String, { description: 'where its bytes are' }) path: string;
}

export const toLevel3Job = ({ job, run, name, report }: Level3Job): Level3JobType => ({
  job: toJob(job),
  run,
  name,
  report,
});

export const toLevel3Result =
  (jobId: string) =>
  (result: Level3Result): Level3ResultType => ({
    ...result,
    path: `/api/level3/${jobId}/results/${result.id}`,
  });
