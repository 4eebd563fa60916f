import { Field, Float, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';
import type { Job } from '#libs/jobs';
import { GraphQLJSON } from '../graphql/json.scalar.js';

@ObjectType('Job', { description: 'A piece of work. Phases are those of IVOA UWS 1.1.' })
export class JobType {
  @ApiProperty({ type: String }) @Field(() => ID) id: string;
  @ApiProperty({ type: String }) @Field(() => String) kind: string;
  @ApiProperty({ type: String, nullable: true }) @Field(() => ID, { nullable: true }) parentId: string | null;
  @ApiProperty({ type: String }) @Field(() => String) phase: string;
  @ApiProperty({ type: Number }) @Field(() => Float, { description: '0 to 1' }) progress: number;
  @ApiProperty({ type: String }) @Field(() => String) progressMessage: string;
  @ApiProperty({ type: Object, description: 'what was asked for' }) @Field(() => GraphQLJSON) payload: unknown;
  @ApiProperty({ type: Object, nullable: true }) @Field(() => GraphQLJSON, { nullable: true }) result: unknown;
  @ApiProperty({ type: Object, nullable: true, description: '{ code, kind, message }' })
  @Field(() => GraphQLJSON, { nullable: true, description: '{ code, kind, message }' })
  error: unknown;
  @ApiProperty({ type: Number }) @Field(() => Int) attempts: number;
  @ApiProperty({ type: Date }) @Field(() => GraphQLISODateTime) createdAt: Date;
  @ApiProperty({ type: Date, nullable: true })
  @Field(() => GraphQLISODateTime, { nullable: true })
  startedAt: Date | null;
  @ApiProperty({ type: Date, nullable: true })
  @Field(() => GraphQLISODateTime, { nullable: true })
  endedAt: Date | null;
}

@ObjectType({ description: 'A change of a job.' })
export class JobProgress {
  @Field(() => ID) id: string;
  @Field(() => String) phase: string;
  @Field(() => Float) progress: number;
  @Field(() => String) message: string;
}

export const toJob = (job: Job): JobType => {
  const { id, kind, parentId, phase, progress, progressMessage, payload, result, error, attempts } = job;
  const { createdAt, startedAt, endedAt } = job;
  return {
    id,
    kind,
    parentId,
    phase,
    progress,
    progressMessage,
    payload,
    result,
    error,
    attempts,
    createdAt,
    startedAt,
    endedAt,
  };
};
