import { type DynamicModule, Module } from '@nestjs/common';
import type { AppConfig } from './app-config.js';

/** Injection token of the process's AppConfig. */
export const APP_CONFIG = Symbol('AppConfig');

@Module({})
export class ConfigModule {
  /** `main.ts` loads the configuration once and hands it to every module. */
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: APP_CONFIG, useValue: config }],
      exports: [APP_CONFIG],
    };
  }
}
