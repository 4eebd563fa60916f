export type { AppConfig, LogLevel, Profile } from './app-config.js';
export { ConfigError, type ConfigErrorCode } from './config-error.js';
export { APP_CONFIG, ConfigModule } from './config.module.js';
export { EMBEDDED_DATABASE_PORT, type Environment, isLoopback, loadConfig } from './load-config.js';
