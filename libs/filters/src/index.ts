export { ALERT_COLUMNS, type AlertRows, batchOf } from './filter-columns.js';
export {
  type DryRun,
  FILTER_MATCH_CHANNEL,
  FilterService,
  type RegisteredFilter,
  type StoredMatch,
} from './filter-service.js';
export { FilterServiceError, type FilterServiceErrorCode } from './filter-service-error.js';
export { FiltersModule } from './filters.module.js';
export type { VisitReplay } from './replay.js';
export { VisitFiltering } from './visit-filtering.js';
