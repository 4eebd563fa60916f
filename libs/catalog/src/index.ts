export * from './alert-outbox.js';
export * from './catalog-error.js';
export * from './catalog.module.js';
export * from './catalog.repository.js';
export * from './commit-visit.js';
export { type ColumnTest, filterSql, type RowFilter } from './conditions.js';
export * from './cursor.js';
export { CATALOG_ENTITIES, entitySchemaOf } from './entities.js';
export * from './import-orbits.js';
export { synthesizeCatalog, type SynthesizedTable, type SynthesizeOptions } from './synthesize.js';
export { insertTable } from './rows.js';
export { METRES_PER_DEGREE, SKY_CELL_ORDER, skyCellOf, skyCellsOf } from './sky-cells.js';
export { loadSnapshot, type SnapshotOptions } from './snapshot.js';
export {
  type PlainRow,
  type RelatedSelection,
  type RowOrder,
  type RowSelection,
  selectRelated,
  selectRows,
} from './select-rows.js';
export { type SkySelection } from './sky-selection.js';
