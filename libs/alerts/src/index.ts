export { AlertError, type AlertErrorCode } from './alert-error.js';
export { ALERT_SCHEMA_ID, ALERT_SCHEMA_VERSION, BANDS } from './alert-fields.js';
export {
  type AlertContent,
  alertToJson,
  buildAlert,
  type CatalogRow,
  decodeAlert,
  encodeAlert,
} from './alert-packet.js';
export { ALERT_AVRO_SCHEMA, ALERT_TYPE, longAsBigInt } from './alert-schema.js';
