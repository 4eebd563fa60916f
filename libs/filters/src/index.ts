export { ALERT_COLUMNS, type AlertRows, batchOf } from './filter-columns.js';
export {
  FILTER_MATCH_CHANNEL,
  FilterService,
  MAX_MATCHES_PER_VISIT,
  type RegisteredFilter,
  type StoredMatch,
} from './filter-service.js';
export { FilterServiceError, type FilterServiceErrorCode } from './filter-service-error.js';
export { FiltersModule } from './filters.module.js';
export { VisitFiltering } from './visit-filtering.js';
