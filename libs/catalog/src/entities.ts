import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { entityOf, PUBLIC_TABLES, type TableDescription } from '#libs/schema';

/** The entity of a described table: rows are plain objects keyed by column name. */
export function entitySchemaOf(table: TableDescription): EntitySchema<Record<string, unknown>> {
  const { name, tableName, columns } = entityOf(table);
  return new EntitySchema<Record<string, unknown>>({
    name,
    tableName,
    columns: columns as unknown as Record<string, EntitySchemaColumnOptions>,
  });
}

/** One entity for every public table, for the DataSource. */
export const CATALOG_ENTITIES: readonly EntitySchema[] = PUBLIC_TABLES.map(entitySchemaOf);
