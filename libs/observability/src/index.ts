export { EventLoopMonitor, type EventLoopMonitorOptions, type Stall } from './event-loop-monitor.js';
export { createLogger, type Logger, type LoggerOptions } from './logger.js';
export {
  type Counter,
  DURATION_BUCKETS,
  type Gauge,
  type Histogram,
  type Labels,
  MetricsError,
  type MetricsErrorCode,
  MetricsRegistry,
} from './metrics.js';
export { NestLogger } from './nest-logger.js';
