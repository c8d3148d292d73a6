import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../local/framework-process.ts';
import { closePages, findBrowser, launchBrowser, openPage } from './browser.ts';
import { type Stack, startStack } from './stack.ts';

const executable = findBrowser();
const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
const SCREENS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

describe.skipIf(executable === undefined)('axe finds no violation', () => {
  let browser: Browser;
  let stack: Stack;
  let withoutRedis: FrameworkProcess;
  beforeAll(async () => {
    stack = await startStack();
    withoutRedis = await startFramework('api', { env: { REDIS_URL: 'redis://127.0.0.1:1' } });
    browser = await launchBrowser(executable ?? '');
  });
  afterEach(() => closePages(browser));
  afterAll(async () => {
    await browser?.close();
    await withoutRedis?.stop();
    await stack?.end();
  });

  it.each([
    { name: 'the index page', ready: 'h1', url: () => `${stack.url}/` },
    { name: 'the reference', ready: '.tools', url: () => `${stack.url}/docs` },
    { name: 'the bitcoin page', ready: '#live:not([hidden])', url: () => `${stack.url}/is-bitcoin-lit` },
    {
      name: 'a problem that is answered 404',
      ready: '.kicker:text-is("Problem 404")',
      url: () => `${stack.url}/no-such-page`,
    },
    {
      name: 'a problem that is answered 503',
      ready: '.kicker:text-is("Problem 503")',
      url: () => `${withoutRedis.url}/is-bitcoin-lit`,
    },
    { name: 'the console', ready: '#keys pre', url: () => stack.consoleUrl },
  ])('on $name, light and dark, wide and narrow', async ({ ready, url }) => {
    for (const screen of SCREENS) {
      const { page, messages } = await openPage(browser, url(), { ...screen, bypassCSP: true });
      // A 204 keeps a page that reloads itself where it is.
      await page.route('**/is-bitcoin-lit', (route) => route.fulfill({ status: 204 }));
      await page.locator(ready).first().waitFor({ state: 'attached' });
      await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
      await expect.poll(() => page.locator('.operation template').count()).toBe(0);
      await page.evaluate(AXE);
      expect(await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(screen.viewport.width);
      // A problem page logs its own status as a failed resource.
      expect(messages.filter((message) => !message.startsWith('error: Failed to load resource'))).toEqual([]);
    }
  });
});
