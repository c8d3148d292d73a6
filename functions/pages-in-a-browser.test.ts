import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startFramework } from '../scripts/local/framework-process.ts';
import { startMadeUpFeed } from '../scripts/local/made-up-feed.ts';
import { seedUsers } from '../scripts/seed.ts';
import { closePages, findBrowser, launchBrowser, openPage } from '../scripts/testing/browser.ts';
import { emptyRedis, type Served, startServe } from '../scripts/testing/served.ts';
import { startProxy } from '../scripts/testing/tcp-proxy.ts';
import { closeSubscriptions } from '../shared/redis/index.ts';
import { manifest } from './manifest.ts';

const executable = findBrowser();
if (executable === undefined) {
  process.stderr.write(
    'No Chromium on the PATH: the browser tests are skipped. Install it with apt-get install chromium.\n',
  );
}

const PAGES = [
  { path: '/', ready: 'h1' },
  { path: '/docs', ready: '.tools' },
  { path: '/problems/not-found', ready: 'h1' },
  { path: '/is-bitcoin-lit', ready: '#live:not([hidden])' },
];
const SCREENS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

describe.skipIf(executable === undefined)('the pages in a browser', () => {
  let browser: Browser;
  let served: Served;
  let feed: Awaited<ReturnType<typeof startMadeUpFeed>>;
  const open = (path: string, options = {}) => openPage(browser, served.url + path, options);
  const host = () => new URL(served.url).host;

  beforeAll(async () => {
    feed = await startMadeUpFeed();
    process.env.SENTICRYPT_URL = feed.senticryptUrl;
    served = await startServe(manifest);
    browser = await launchBrowser(executable ?? '');
    await emptyRedis();
    await seedUsers();
    await served.call('POST', '/refresh');
  });
  afterEach(() => closePages(browser));

  afterAll(async () => {
    await browser?.close();
    await closeSubscriptions();
    await served?.stop();
    await feed?.stop();
  });

  it('sends a request from the reference, and shows it as curl and TypeScript', async () => {
    const { page, messages, hosts } = await open('/docs');
    const operation = page.locator('#getUsersById');
    await operation.locator('summary').click();
    expect(await operation.getByLabel('id').inputValue()).toBe('1');
    expect(await operation.locator('.curl').textContent()).toBe(`curl '${served.url}/users/1'`);
    expect(await operation.locator('.typescript').textContent()).toContain(
      "await client('GET /users/{id}', {\n  path: {\n    id: 1\n  },\n});",
    );
    await operation.getByRole('button', { name: 'Send' }).click();
    await operation.locator('.answer h3').waitFor();
    expect(await operation.locator('.answer h3').textContent()).toMatch(/^200 OK/);
    expect(await operation.locator('.answer').textContent()).toContain('Paul John');
    await operation.getByLabel('Sample').selectOption({ index: 1 });
    expect(await operation.getByLabel('id').inputValue()).toBe('404');
    expect(messages).toEqual([]);
    expect([...hosts]).toEqual([host()]);
  });

  it('sends the sample body unchanged, without filling in defaults', async () => {
    const { page } = await open('/docs#putUsersById');
    const operation = page.locator('#putUsersById');
    expect(await operation.locator('.curl').textContent()).toContain(`-d '{"name":"Paul John"`);
    await operation.getByRole('button', { name: 'Send' }).click();
    await operation.locator('.answer h3').waitFor();
    expect(await operation.locator('.answer h3').textContent()).toMatch(/^201 Created/);
  });

  it('filters the reference, and shows no token in its code samples', async () => {
    const { page } = await open('/docs#getItems');
    await page.getByLabel('Filter').fill('items delete');
    expect(await page.locator('.operation:visible').count()).toBe(1);
    expect(await page.locator('#found').textContent()).toMatch(/^1 of \d+ operations$/);
    await page.getByLabel('Filter').fill('items');
    await page.getByLabel('Authorize').fill('secret-token');
    expect(await page.locator('#getItems .curl').textContent()).toContain('gcloud auth print-identity-token');
    expect(await page.locator('main').textContent()).not.toContain('secret-token');
  });

  it('reloads a problem page after Retry-After until the page is available', async () => {
    const wire = await startProxy(process.env.REDIS_URL ?? '');
    onTestFinished(wire.stop);
    wire.resetOn('request');
    // A new process has no summary in memory to fall back on.
    const api = await startFramework('api', { env: { REDIS_URL: wire.url } });
    onTestFinished(async () => void (await api.stop()));
    const { page } = await openPage(browser, `${api.url}/is-bitcoin-lit`);
    expect(await page.locator('[role=status]').textContent()).toMatch(/^This page tries again in 1 second\./);
    const again = await page.waitForResponse((response) => response.url().endsWith('/is-bitcoin-lit'));
    expect(again.status()).toBe(503);
    wire.resetOn('never');
    // The first page after the outage may still come without history.
    await page.locator('.plot').nth(1).waitFor();
  });

  it.each(PAGES)('shows $path in light and dark, wide and narrow', async ({ path, ready }) => {
    for (const screen of SCREENS) {
      const { page, messages, hosts } = await open(path, screen);
      await page.locator(ready).first().waitFor();
      const { width } = screen.viewport;
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(messages).toEqual([]);
      expect([...hosts]).toEqual([host()]);
    }
  });
});
