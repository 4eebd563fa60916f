export {
  ADQL_FEATURES,
  type LanguageFunction,
  serviceCapabilitiesXml,
  tapCapabilitiesXml,
  type TapLimits,
} from './capabilities.js';
export * from './dali.js';
export { publishedFor } from './published-for.js';
export { publishRole, publishSchema } from './publish-schema.js';
export { QueryEngine, type QueryEngineOptions, type RunningStatement, type StatementLimits } from './query-engine.js';
export { isVotable, RESPONSE_FORMATS, type ResponseFormat, responseFormatOf } from './response-format.js';
export { PUBLISHED, visibleTables } from './tableset.js';
export { type TapAnswer, type TapExecution, TapService, type TapServiceOptions } from './tap-service.js';
export * from './uws.js';
export * from './uws-jobs.js';
export { coneSearchErrorVotable, errorVotable, VOTABLE_TYPE } from './votable-messages.js';
export { availabilityXml, tablesetXml, tableXml } from './vosi.js';
export { messageForCaller, VoError, type VoErrorCode } from './vo-error.js';
export * from './vo-table.js';
export { coneQuery, coneTables } from './cone-search.js';
export { DATALINK_TYPE, type Link, sodaDescriptor, writeLinks } from './datalink.js';
export { siaAdql, siaDescriptor } from './sia.js';
export { outlineOf, type SodaRequest, sodaRequestOf } from './soda.js';
export { formatOf, maxRowsOf } from './tap-request.js';
