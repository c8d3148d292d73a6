import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startMadeUpFeed } from '../scripts/local/made-up-feed.ts';
import { seedUsers } from '../scripts/seed.ts';
import { findBrowser, launchBrowser, openPage } from '../scripts/testing/browser.ts';
import { emptyRedis, type Served, startServe } from '../scripts/testing/served.ts';
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
/** Pages with much to load, on machines with little to load them with. */
const PATIENCE_MS = 60_000;
const SCREENS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

describe.skipIf(executable === undefined)('in a browser', { timeout: PATIENCE_MS }, () => {
  let now = Date.now() - 3_600_000;
  let browser: Browser;
  let served: Served;
  let feed: Awaited<ReturnType<typeof startMadeUpFeed>>;
  const refresh = () => fetch(`${served.url}/refresh`, { method: 'POST' });
  const open = (path: string, options = {}) => openPage(browser, served.url + path, options);
  const host = () => new URL(served.url).host;

  beforeAll(async () => {
    feed = await startMadeUpFeed(() => now);
    process.env.SENTICRYPT_URL = feed.senticryptUrl;
    served = await startServe(manifest);
    browser = await launchBrowser(executable ?? '');
  });

  beforeEach(async () => {
    await emptyRedis();
    await seedUsers();
  });

  afterAll(async () => {
    await browser?.close();
    await closeSubscriptions();
    await served?.stop();
    await feed?.stop();
  });

  it('says that nothing is stored, and shows the first samples when they come', async () => {
    const { page } = await open('/is-bitcoin-lit');
    expect(await page.locator('.verdict').textContent()).toBe('No data yet');
    await refresh();
    await page.locator('.plot').first().waitFor();
  });

  describe('after a refresh', () => {
    beforeEach(async () => {
      await refresh();
    });

    it('shows what a refresh brought in the open page, without a reload', async () => {
      const { page, messages, hosts } = await open('/is-bitcoin-lit');
      await page.locator('#live[data-state=live]').waitFor();
      const before = await page.locator('#main').getAttribute('data-as-of');
      await page.evaluate('globalThis.isSame = true');
      now += 300_000;
      await refresh();
      await page.locator(`#main:not([data-as-of="${before}"])`).waitFor();
      const shown = await page.locator('#main').getAttribute('data-as-of');
      const stored = await (await fetch(`${served.url}/is-bitcoin-lit`)).json();
      expect(stored).toMatchObject({ as_of: shown });
      expect(await page.evaluate('globalThis.isSame')).toBe(true);
      expect(messages).toEqual([]);
      expect([...hosts]).toEqual([host()]);
    });

    it('tells the values under the pointer, and those that the arrow keys reach', async () => {
      const { page } = await open('/is-bitcoin-lit');
      const when = page.locator('[data-when]').first();
      const plot = page.locator('.plot').first();
      const box = (await plot.boundingBox()) ?? { width: 0, height: 0 };
      await plot.hover({ position: { x: box.width / 2, y: box.height / 2 } });
      expect(await when.textContent()).toMatch(/^\d+ \w+, \d\d:\d\d – \d\d:\d\d UTC$/);
      await page.mouse.move(0, 0);
      expect(await when.textContent()).toBe('latest five minutes');
      await page.locator('#scrub').focus();
      await page.keyboard.press('Home');
      expect(await page.locator('#scrub').getAttribute('aria-valuetext')).toMatch(/price \$[\d,.]+, sentiment [+−]?\d/);
    });

    it('asks once a minute where there is no event stream', async () => {
      const { page, messages } = await open('/is-bitcoin-lit');
      const withoutEvents = await page.context().newPage();
      await withoutEvents.route('**/events', (route) => route.fulfill({ status: 404, body: '' }));
      await withoutEvents.clock.install();
      await withoutEvents.goto(`${served.url}/is-bitcoin-lit`);
      await withoutEvents.locator('#live[data-state=polling]').waitFor();
      const before = await withoutEvents.locator('#main').getAttribute('data-as-of');
      now += 300_000;
      await refresh();
      await withoutEvents.clock.runFor(61_000);
      await withoutEvents.locator(`#main:not([data-as-of="${before}"])`).waitFor();
      expect(messages).toEqual([]);
    });

    it('says that it lost the server, and shows the news once that is back', async () => {
      const { page } = await open('/is-bitcoin-lit');
      await page.clock.install();
      await page.route('**/events', (route) => route.fulfill({ status: 404, body: '' }));
      await page.reload();
      await page.locator('#live[data-state=polling]').waitFor();
      const before = await page.locator('#main').getAttribute('data-as-of');
      await page.route('**/is-bitcoin-lit', (route) => route.abort());
      await page.clock.runFor(61_000);
      await page.locator('#live[data-state=lost]').waitFor();
      await page.unroute('**/is-bitcoin-lit');
      now += 300_000;
      await refresh();
      await page.clock.runFor(61_000);
      await page.locator('#live[data-state=polling]').waitFor();
      await page.locator(`#main:not([data-as-of="${before}"])`).waitFor();
    });

    it('can be read without JavaScript', async () => {
      const { page } = await open('/is-bitcoin-lit', { javaScriptEnabled: false });
      expect(await page.locator('.verdict').textContent()).toMatch(/^(Lit|Not lit)$/);
      expect(await page.locator('table').first().locator('tbody tr').count()).toBe(3);
      expect(await page.locator('svg[role=img]').first().getAttribute('aria-label')).toMatch(/^Price over .+ highest/);
    });

    it('tries out a call from the documentation, with its code in curl and TypeScript', async () => {
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

    it('sends the sample of a body as it stands, and no default in its place', async () => {
      const { page } = await open('/docs#putUsersById');
      const operation = page.locator('#putUsersById');
      expect(await operation.locator('.curl').textContent()).toContain(`-d '{"name":"Paul John"`);
      await operation.getByRole('button', { name: 'Send' }).click();
      await operation.locator('.answer h3').waitFor();
      expect(await operation.locator('.answer h3').textContent()).toMatch(/^201 Created/);
    });

    it('filters the documentation, and shows no token in its code', async () => {
      const { page } = await open('/docs#getItems');
      await page.getByLabel('Filter').fill('items delete');
      expect(await page.locator('.operation:visible').count()).toBe(1);
      expect(await page.locator('#found').textContent()).toMatch(/^1 of \d+ operations$/);
      await page.getByLabel('Filter').fill('items');
      await page.getByLabel('Authorize').fill('secret-token');
      expect(await page.locator('#getItems .curl').textContent()).toContain('gcloud auth print-identity-token');
      expect(await page.locator('main').textContent()).not.toContain('secret-token');
    });

    it.each(['/', '/docs'])('passes an audit: %s', async (path) => {
      for (const screen of SCREENS) {
        const { page } = await open(path, { ...screen, bypassCSP: true });
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
        await page.evaluate(await readFile('node_modules/axe-core/axe.min.js', 'utf8'));
        const found: unknown = await page.evaluate(
          'axe.run().then(({ violations }) => violations.map(({ id }) => id))',
        );
        expect(found).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(screen.viewport.width);
        await page.context().close();
      }
    });

    it.each(PAGES)('shows $path in light and dark, wide and narrow', async ({ path, ready }) => {
      for (const screen of SCREENS) {
        const { page, messages, hosts } = await open(path, screen);
        await page.locator(ready).first().waitFor();
        const { width } = screen.viewport;
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        expect(messages).toEqual([]);
        expect([...hosts]).toEqual([host()]);
        await page.context().close();
      }
    });
  });
});
