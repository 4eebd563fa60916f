import { describe, expect, it } from '@jest/globals';
import { isAbsolute } from 'node:path';
import { ConfigError, loadConfig } from './index.js';

const refusal = (environment: Record<string, string>): ConfigError => {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
};

describe('loadConfig', () => {
  it('without any variable describes the embedded, loopback-only installation', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      profile: 'embedded',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://127.0.0.1:3000',
      threadsPerJob: 1,
      logLevel: 'info',
    });
    expect(config.databaseUrl).toBe('postgres://postgres@127.0.0.1:54329/postgres');
    expect(config.queueUrl).toBe(config.databaseUrl);
    expect(isAbsolute(config.dataDir)).toBe(true);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('derives the profile from the two URLs', () => {
    expect(loadConfig({ DATABASE_URL: 'postgres://db/almagest' })).toMatchObject({
      profile: 'postgres',
      queueUrl: 'postgres://db/almagest',
    });
    expect(loadConfig({ DATABASE_URL: 'postgresql://db/almagest', QUEUE_URL: 'redis://queue:6379' }).profile).toBe(
      'full',
    );
  });

  it('treats an empty variable as absent', () => {
    expect(loadConfig({ DATABASE_URL: '', ALMAGEST_PORT: '' })).toMatchObject({ profile: 'embedded', port: 3000 });
  });

  it.each([
    ['ALMAGEST_PORT', '99999'],
    ['ALMAGEST_PORT', '30 00'],
    ['ALMAGEST_CORES', '0'],
    ['ALMAGEST_CORES', '-1'],
    ['ALMAGEST_LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://db'],
    ['QUEUE_URL', 'not a url'],
    ['ALMAGEST_PUBLIC_URL', 'ftp://example.org'],
  ])('refuses %s=%s and names both', (variable, value) => {
    expect(refusal({ [variable]: value })).toMatchObject({ code: 'invalid_value', variable, value });
  });

  it('keeps the core budget: jobs at once x threads per job never exceed the cores', () => {
    const config = loadConfig({ ALMAGEST_CORES: '7', ALMAGEST_THREADS_PER_JOB: '2' });
    expect(config.concurrentJobs).toBe(3);
    expect(refusal({ ALMAGEST_CORES: '2', ALMAGEST_THREADS_PER_JOB: '3' })).toMatchObject({
      code: 'unsafe_combination',
      variable: 'ALMAGEST_THREADS_PER_JOB',
    });
  });

  it('refuses to face a network without a secret, and never prints one', () => {
    const error = refusal({ ALMAGEST_HOST: '0.0.0.0', ALMAGEST_SECRET: 'tooshort' });
    expect(error).toMatchObject({ code: 'unsafe_combination', variable: 'ALMAGEST_SECRET' });
    expect(error.message).not.toContain('tooshort');
    expect(refusal({ DATABASE_URL: 'http://me:hunter2@db/x' }).message).not.toContain('hunter2');
    expect(loadConfig({ ALMAGEST_HOST: '0.0.0.0', ALMAGEST_SECRET: 'x'.repeat(32) }).host).toBe('0.0.0.0');
  });

  it('writes an IPv6 host as a URL does', () => {
    expect(loadConfig({ ALMAGEST_HOST: '::1' }).publicUrl).toBe('http://[::1]:3000');
    expect(loadConfig({ ALMAGEST_PUBLIC_URL: 'https://sky.example.org/' }).publicUrl).toBe('https://sky.example.org');
  });
});
