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
export { AlertArchive, type AlertSearch, type AlertSummary } from './alert-archive.js';
export { ALERT_CHANNEL, AlertPublisher, type CutoutTriplet, type OutboxPayload } from './alert-publisher.js';
export { ALERT_STORAGE, type AlertStorage } from './alert-storage.js';
export { AlertsModule } from './alerts.module.js';
export { type CutoutPixels, type CutoutWcs, encodeCutout } from './cutout.js';
