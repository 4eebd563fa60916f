import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import { GraphQLJSON } from '../graphql/json.scalar.js';

@ObjectType({ description: 'An alert filter registered by a user.' })
export class AlertFilter {
  @Field(() => ID) id: string;
  @Field() name: string;
  @Field() description: string;
  @Field(() => Int, { nullable: true, description: 'null while the filter rests' }) activeVersion: number | null;
  @Field(() => Int) latestVersion: number;
  @Field({ description: 'text of the latest version' }) query: string;
  @Field(() => GraphQLISODateTime) createdAt: Date;
}

@ObjectType({ description: 'A detection that a filter passed.' })
export class FilterMatch {
  @Field(() => ID, { description: 'grows with time; the cursor of `matches`' }) matchId: string;
  @Field(() => ID) filterId: string;
  @Field(() => Int) version: number;
  @Field(() => ID) diaSourceId: string;
  @Field(() => ID) visit: string;
  @Field(() => ID, { nullable: true }) diaObjectId: string | null;
  @Field(() => ID, { nullable: true }) ssObjectId: string | null;
  @Field(() => GraphQLJSON, { description: 'the columns the filter selects' }) selected: unknown;
  @Field(() => GraphQLISODateTime) matchedAt: Date;
}

@ObjectType({ description: 'One of the conditions that WHERE joins by AND.' })
export class FilterClause {
  @Field() text: string;
  @Field(() => Int, { description: 'alerts that pass this clause' }) passes: number;
  @Field(() => Int, { description: 'alerts that fail at this clause and at no other' }) aloneRejects: number;
}

@ObjectType({ description: 'What a filter would have done with a past visit, knowing what was known then.' })
export class FilterVisit {
  @Field(() => ID) visit: string;
  @Field(() => Int) alerts: number;
  @Field(() => Int, { description: 'at most the LIMIT of the filter' }) matches: number;
}

@ObjectType({ description: 'What a filter would have caught; nothing is kept.' })
export class FilterDryRun {
  @Field(() => Int, { description: 'alerts that were put before the filter' }) alerts: number;
  @Field(() => Int) matches: number;
  @Field(() => [GraphQLJSON], { description: 'the first matches, with the selected columns' }) sample: unknown[];
  @Field(() => [FilterClause], { description: 'why it passes what it passes' }) clauses: FilterClause[];
}

@ObjectType({ description: 'A column that filters may read.' })
export class FilterColumnInfo {
  @Field() name: string;
  @Field() type: string;
  @Field(() => String, { nullable: true }) unit: string | null;
  @Field(() => String, { nullable: true }) description: string | null;
}
