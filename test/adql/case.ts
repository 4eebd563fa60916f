/** A question in ADQL, and in SQL written by hand against the physical tables of tables.ts. */
export type Case = readonly [adql: string, sql: string];
