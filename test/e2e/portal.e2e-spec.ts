// The portal in a real browser. Where there is no Chromium the tests say so in one line.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { DataSource } from 'typeorm';
import { loadConfig } from '#libs/config';
import { createDataSource } from '#libs/database';
import { ASTEROID, makeNight, type Night } from '../support/night.js';
import { ROOT, startStack, type Stack } from '../support/processes.js';

const CHROMIUM = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path && existsSync(path));
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const built = existsSync(join(ROOT, 'dist/portal/index.html'));

let stack: Stack;
let dataSource: DataSource;
let night: Night;
let browser: BrowserContext;
let page: Page;
const mistakes: string[] = [];
const profile = mkdtempSync(join(tmpdir(), 'almagest-chromium-'));

/** Pictures for people, where they are wanted. */
async function picture(name: string): Promise<void> {
  const folder = process.env['ALMAGEST_SCREENSHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Waits for a condition of the page, asked from outside: the page's own policy forbids evaluating text inside. */
async function until(condition: string): Promise<void> {
  const patience = Date.now() + 15_000;
  while ((await page.evaluate(condition)) !== true) {
    if (Date.now() > patience) throw new Error(`it did not come true: ${condition}`);
    await page.waitForTimeout(100);
  }
}

const tests: (readonly [string, () => Promise<void>])[] = [
  [
    'the night’s alerts are a table with three stamps each, sorted and filtered in place',
    async () => {
      await page.goto(stack.url);
      await page.waitForSelector('tbody tr');
      expect(await page.locator('tbody tr').count()).toBe(night.alerts);
      expect(await page.locator('tbody tr').first().locator('img.stamp').count()).toBe(3);
      await until(
        '[...document.querySelectorAll("tbody tr:first-child img")].every((image) => image.naturalWidth > 0)',
      );
      await picture('night-dark');
      const column = async (n: number): Promise<string[]> =>
        page.locator(`tbody tr td:nth-child(${n})`).allInnerTexts();
      await page.getByRole('button', { name: 'S/N' }).click();
      const falling = (await column(6)).map(Number);
      expect(falling).toEqual([...falling].sort((a, b) => b - a));
      await page.getByRole('button', { name: 'S/N' }).click();
      expect((await column(6)).map(Number)).toEqual([...falling].reverse());
      await page.locator('input[name=band-r]').check();
      expect(new Set(await column(5))).toEqual(new Set(['r']));
      await page.locator('input[name=reliability]').fill('0.9');
      const reliable = (await column(7)).map(Number);
      expect(reliable.length).toBeGreaterThan(0);
      expect(Math.min(...reliable)).toBeGreaterThanOrEqual(0.9);
    },
  ],
  [
    'new alerts join the table without a reload',
    async () => {
      await page.goto(stack.url);
      await page.waitForSelector('.lamp[data-state=live]');
      const before = await page.locator('tbody tr').count();
      const added = await night.addVisit();
      await until(`document.querySelectorAll('tbody tr').length === ${before + added}`);
    },
  ],
  [
    'an alert has big stamps, a light curve, a history and downloads',
    async () => {
      await page.goto(stack.url);
      await page.getByRole('button', { name: 'S/N' }).click();
      await page
        .locator('tbody tr', { has: page.locator('td a.id') })
        .first()
        .locator('td:nth-child(4) a')
        .click();
      await page.waitForSelector('.light-curve svg');
      expect(await page.locator('.stamps img').count()).toBe(3);
      // the value of the brightest pixel of a point source in the middle of the stamp
      await page.locator('.stamps img').last().hover();
      const caption = page.locator('.stamps figcaption').last();
      await caption.filter({ hasText: /^difference \(15, 15\): -?[\d.e+]+ / }).waitFor();
      const detections = await page.locator('.point.detection').count();
      const forced = await page.locator('.point.forced').count();
      expect(detections).toBeGreaterThan(2);
      expect(await page.locator('table.history tbody tr').count()).toBe(detections + forced);
      expect(await page.locator('.point .current').count()).toBe(1);
      await picture('alert-dark');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Avro' }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/^\d+\.avro$/);
      await page.getByText('forced fluxes').click();
      expect(await page.locator('.point.forced').count()).toBe(0);
      await page.locator('dd a.id').click();
      await page.waitForURL(/\/objects\/\d+$/);
      await page.waitForSelector('.light-curve svg');
      await page.locator('h1', { hasText: 'Object' }).waitFor();
      expect(await page.locator('.point.detection').count()).toBe(detections);
    },
  ],
  [
    'a known asteroid is named, and its address can be opened directly',
    async () => {
      await page.goto(stack.url);
      await page.locator('select[name=kind]').selectOption('moving');
      const href = await page.locator('tbody tr').first().locator('td:nth-child(4) a').getAttribute('href');
      await page.goto(stack.url + href!);
      await page.getByText('Known Solar System object').waitFor();
      expect(await page.locator('main').innerText()).toContain(ASTEROID);
      await picture('asteroid-dark');
    },
  ],
  [
    'visits show how far they are',
    async () => {
      await page.goto(`${stack.url}/visits`);
      await page.waitForSelector('tbody tr');
      expect(await page.locator('tbody tr').count()).toBeGreaterThanOrEqual(night.visits.length);
      expect(await page.locator('tbody tr').first().innerText()).toContain('1/1');
      await picture('visits-dark');
    },
  ],
  [
    'a filter is tried while it is written; a mistake is shown where it is; it is registered with a token',
    async () => {
      await page.goto(`${stack.url}/filters`);
      await page.getByText(/of the \d+ newest alerts/).waitFor();
      await picture('filters-dark');
      await page.locator('#query').fill('SELECT diaSourceId\nFROM alerts\nWHERE srn > 5');
      await page.waitForSelector('mark');
      expect(await page.locator('mark').innerText()).toBe('srn');
      expect(await page.locator('#mistake').innerText()).toContain('did you mean snr?');
      await picture('filters-mistake');
      await page.locator('input[name=token]').fill(await stack.token('grace'));
      await page.locator('input[name=token]').blur();
      await page.locator('#query').fill('SELECT diaSourceId, snr FROM alerts WHERE snr > 50');
      await page.locator('input[name=name]').fill('bright');
      await page.getByRole('button', { name: 'Register' }).click();
      await page.getByText('version 1, active').waitFor();
    },
  ],
  [
    'it is light for those who want it, and no page has a mistake in its console',
    async () => {
      await page.goto(stack.url);
      await page.waitForSelector('tbody tr');
      await page.locator('#theme').click();
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(251, 251, 249)');
      await picture('night-light');
      expect(mistakes).toEqual([]);
    },
  ],
];

if (CHROMIUM && built) {
  describe('portal', () => {
    beforeAll(async () => {
      stack = await startStack();
      dataSource = await createDataSource(loadConfig({ ...stack.env, ALMAGEST_DATABASE_POOL: '2' })).initialize();
      night = await makeNight(dataSource, stack.dataDir);
      browser = await chromium.launchPersistentContext(profile, {
        executablePath: CHROMIUM,
        args: ARGUMENTS,
        colorScheme: 'dark',
        viewport: { width: 1360, height: 860 },
      });
      page = await browser.newPage();
      page.on('pageerror', (error) => mistakes.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') mistakes.push(`${message.text()} (${message.location().url})`);
      });
    });
    afterAll(async () => {
      await browser?.close();
      await dataSource?.destroy();
      await stack?.stop();
      rmSync(profile, { recursive: true, force: true });
    });
    for (const [name, test] of tests) it(name, test, 60_000);
  });
} else {
  describe('portal', () => {
    it('says what is not run', () => {
      rmSync(profile, { recursive: true, force: true });
      const why = CHROMIUM ? 'the built portal (npm run build)' : 'Chromium';
      process.stderr.write(`not run: ${tests.length} tests need ${why}\n`);
      expect(tests.length).toBeGreaterThan(0);
    });
  });
}
