import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import type { Page, PageRequest } from '#libs/catalog';
import { ApiError } from '../http/problem.js';
import { plainRow, type RowType } from './table-type.js';

export const MAX_PAGE = 1_000;

@ObjectType({ description: 'Where a page ends.' })
export class PageInfo {
  @Field(() => String, { nullable: true, description: 'give it as `after` to get the next page' })
  endCursor: string | null;
  @Field(() => Boolean) hasNextPage: boolean;
}

@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 100, description: `rows wanted, 1 to ${MAX_PAGE}` }) first: number;
  @Field(() => String, { nullable: true, description: 'endCursor of the page before' }) after?: string;
}

export interface PageOf<T> {
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
}

/** The type of a page of rows. */
export function pageTypeOf(node: RowType, name = `${node.name}Page`): new () => PageOf<unknown> {
  const type = { [name]: class {} }[name] as new () => PageOf<unknown>;
  ObjectType(name)(type);
  Field(() => [node])(type.prototype as object, 'nodes');
  Field(() => PageInfo)(type.prototype as object, 'pageInfo');
  return type;
}

export function checkFirst(first: number): number {
  if (!(Number.isInteger(first) && first >= 1 && first <= MAX_PAGE))
    throw new ApiError('BAD_PAGE_SIZE', `first must be 1 to ${MAX_PAGE}`, first);
  return first;
}

export const pageRequest = ({ first, after }: PageArgs): PageRequest => ({
  first: checkFirst(first),
  ...(after != null && { after }),
});

export const toPage = ({ rows, next }: Page<object>): PageOf<Record<string, unknown>> => ({
  nodes: rows.map(plainRow),
  pageInfo: { endCursor: next ?? null, hasNextPage: next !== undefined },
});
