import { type AccessService, IMAGES, type Principal, rowCondition, type Visibility } from '#libs/accounts';
import { OBSCORE_TABLE } from './obscore-table.js';
import { SURVEY_SCHEMA } from './survey-tables.js';
import { PUBLISHED, visibleTables } from './tableset.js';
import { TAP_SCHEMA } from './tap-schema-tables.js';
import { qualifiedName, type VoTable, type VoTableset } from './vo-table.js';

/** What the rights of tables speak of: the tables of the survey by their names, images for ObsCore; the rest is everybody's. */
const subjectOf = (table: VoTable): string | undefined => {
  if (table.schema === SURVEY_SCHEMA.name) return table.name;
  return table === OBSCORE_TABLE ? IMAGES : undefined;
};

/** The tables that exist for somebody, with the rows that do. All of everything for most callers, hence the same object. */
export async function publishedFor(access: AccessService, principal: Principal | undefined): Promise<VoTableset> {
  const visible = new Map<string, Visibility>((await access.visibleTables(principal)).map((one) => [one.table, one]));
  const images = await access.visibility(IMAGES, principal);
  if (images !== undefined) visible.set(IMAGES, images);
  const restricted = PUBLISHED.tables.some((table) => {
    const subject = subjectOf(table);
    return (
      subject !== undefined && (visible.get(subject) === undefined || visible.get(subject)!.beforeMjdTai !== undefined)
    );
  });
  if (!restricted) return PUBLISHED;
  const { schemas, keys, tables } = visibleTables(PUBLISHED, (table) => {
    const subject = subjectOf(table);
    return subject === undefined || visible.has(subject);
  });
  const shown = describing({ schemas, keys, tables });
  return {
    schemas,
    keys,
    tables: tables.map((table) =>
      table.schema === TAP_SCHEMA.name
        ? { ...table, condition: shown[table.name]! }
        : withCondition(table, visible.get(subjectOf(table) ?? '')),
    ),
  };
}

/** TAP_SCHEMA speaks of what the caller may see alone. */
function describing({ schemas, keys, tables }: VoTableset): Readonly<Record<string, string>> {
  const list = (names: readonly string[]): string => names.map((name) => `'${name.replaceAll("'", "''")}'`).join(', ');
  const named = list(tables.map(qualifiedName));
  const keyed = `t.key_id IN (${list(keys.map(({ id }) => id))})`;
  return {
    schemas: `t.schema_name IN (${list(schemas.map(({ name }) => name))})`,
    tables: `t.table_name IN (${named})`,
    columns: `t.table_name IN (${named})`,
    keys: keyed,
    key_columns: keyed,
  };
}

function withCondition(table: VoTable, visibility: Visibility | undefined): VoTable {
  const condition = visibility && rowCondition(visibility, 't');
  return condition === undefined ? table : { ...table, condition };
}
