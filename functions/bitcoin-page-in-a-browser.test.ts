import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startMadeUpFeed } from '../scripts/local/made-up-feed.ts';
import { closePages, findBrowser, launchBrowser, openPage } from '../scripts/testing/browser.ts';
import { emptyRedis, type Served, startServe } from '../scripts/testing/served.ts';
import { startProxy, type TcpProxy } from '../scripts/testing/tcp-proxy.ts';
import { emptyCaches } from '../shared/domain/tag-generation.ts';
import { closeSubscriptions } from '../shared/redis/index.ts';
import { manifest } from './manifest.ts';

/** The made-up feed always has a new row within this time. It skips at most two rows in a row. */
const NEW_ROW_MS = 120_000;

const executable = findBrowser();

describe.skipIf(executable === undefined)('the bitcoin page in a browser', () => {
  let now = 0;
  let browser: Browser;
  let served: Served;
  let feed: Awaited<ReturnType<typeof startMadeUpFeed>>;
  let wire: TcpProxy;
  const refresh = () => served.call('POST', '/refresh');
  /** Empties Redis and sets the age of the feed's newest sample. */
  const startOver = async (ageMs = 300_000) => {
    now = Date.now() - ageMs;
    await emptyRedis();
    // The instance would answer from its memory for another second.
    await emptyCaches('summary');
  };
  const open = async (query = '', options = {}) => {
    const opened = await openPage(browser, `${served.url}/is-bitcoin-lit${query}`, options);
    await opened.page.locator('#live:not([hidden])').waitFor();
    return opened;
  };
  /** Opens the page without the event stream, with a clock that the test advances. */
  const openWithoutEvents = async () => {
    const page = await (await browser.newContext()).newPage();
    await page.route('**/events', (route) => route.fulfill({ status: 404, body: '' }));
    await page.clock.install();
    await page.goto(`${served.url}/is-bitcoin-lit`);
    return page;
  };
  const asOf = (page: Page) => page.locator('#main').getAttribute('data-as-of');
  /** Adds five minutes of samples, and waits until the open page shows them. */
  const addSamples = async (page: Page) => {
    const before = await asOf(page);
    now += 300_000;
    await refresh();
    await page.locator(`#main:not([data-as-of="${before}"])`).waitFor();
  };
  const plotBox = async (page: Page) => (await page.locator('.plot').first().boundingBox()) ?? { x: 0, y: 0, width: 0 };
  const textOf = (page: Page, selector: string) => page.locator(selector).first().textContent();

  beforeAll(async () => {
    wire = await startProxy(process.env.REDIS_URL ?? '');
    process.env.REDIS_URL = wire.url;
    feed = await startMadeUpFeed(() => now);
    process.env.SENTICRYPT_URL = feed.senticryptUrl;
    served = await startServe(manifest);
    browser = await launchBrowser(executable ?? '');
  });

  beforeEach(async () => {
    await startOver();
    await refresh();
  });
  afterEach(() => closePages(browser));

  afterAll(async () => {
    await browser?.close();
    closeSubscriptions();
    await served?.stop();
    await feed?.stop();
    await wire?.stop();
  });

  it('says that there is no data yet, and shows the first samples when they arrive', async () => {
    await startOver();
    const { page } = await open();
    expect(await textOf(page, '.verdict')).toBe('No data yet');
    await refresh();
    await page.locator('.plot').first().waitFor();
  });

  it('shows new samples without a reload, and contacts no other host', async () => {
    const { page, messages, hosts } = await open();
    await page.locator('#live[data-state=live]').waitFor();
    await page.evaluate('globalThis.isSame = true');
    await addSamples(page);
    expect((await served.call('GET', '/is-bitcoin-lit')).body).toMatchObject({ as_of: await asOf(page) });
    expect(await page.evaluate('globalThis.isSame')).toBe(true);
    expect(messages).toEqual([]);
    expect([...hosts]).toEqual([new URL(served.url).host]);
  });

  it('polls once a minute without an event stream, and says when the server is lost', async () => {
    const page = await openWithoutEvents();
    await page.locator('#live[data-state=polling]').waitFor();
    const first = await asOf(page);
    now += NEW_ROW_MS;
    await refresh();
    await page.clock.runFor(61_000);
    await page.locator(`#main:not([data-as-of="${first}"])`).waitFor();
    const second = await asOf(page);
    await page.route('**/is-bitcoin-lit', (route) => route.abort());
    await page.clock.runFor(61_000);
    await page.locator('#live[data-state=lost]').waitFor();
    await page.unroute('**/is-bitcoin-lit');
    now += NEW_ROW_MS;
    await refresh();
    await page.clock.runFor(61_000);
    await page.locator('#live[data-state=polling]').waitFor();
    await page.locator(`#main:not([data-as-of="${second}"])`).waitFor();
  });

  it('retries a refused event stream, and is live once it connects', async () => {
    const page = await openWithoutEvents();
    await page.locator('#live[data-state=polling]').waitFor();
    await page.unroute('**/events');
    await page.clock.runFor(4 * 60_000);
    expect(await page.locator('#live').getAttribute('data-state')).toBe('polling');
    await page.clock.runFor(60_000);
    await page.locator('#live:not([data-state=polling])').waitFor();
    expect(await textOf(page, '#live')).toMatch(/^(Live|Feed frozen)$/);
  });

  it('shows the values under the pointer, and those selected with the arrow keys', async () => {
    const { page } = await open();
    const { x, y, width } = await plotBox(page);
    await page.mouse.move(x + width / 2, y + 40);
    expect(await textOf(page, '[data-when]')).toMatch(/^\d+ \w+, \d\d:\d\d – \d\d:\d\d UTC$/);
    await page.mouse.move(0, 0);
    expect(await textOf(page, '[data-when]')).toBe('latest five minutes');
    await page.locator('#scrub').focus();
    await page.keyboard.press('Home');
    expect(await page.locator('#scrub').getAttribute('aria-valuetext')).toMatch(/price \$[\d,.]+, sentiment [+−]?\d/);
  });

  it('is readable without JavaScript', async () => {
    const { page } = await openPage(browser, `${served.url}/is-bitcoin-lit`, { javaScriptEnabled: false });
    expect(await textOf(page, '.verdict')).toMatch(/^(Lit|Not lit)$/);
    expect(await page.locator('table').first().locator('tbody tr').count()).toBe(3);
    expect(await page.locator('svg[role=img]').first().getAttribute('aria-label')).toMatch(/^Price over .+ highest/);
  });

  it('keeps its range in the URL and through a live update, and changes it by link and by key', async () => {
    const { page } = await open('?hours=3');
    expect(await textOf(page, '.ranges [aria-current]')).toBe('3 h');
    await addSamples(page);
    expect(await textOf(page, '.ranges [aria-current]')).toBe('3 h');
    expect(await textOf(page, '.range dt')).toBe('3 hours');
    await page.keyboard.press('3');
    await page.waitForURL('**?hours=168');
    expect(await textOf(page, '.range dt')).toBe('7 days');
    await page.locator('.ranges a').first().click();
    await page.waitForURL('**?hours=3');
  });

  it('keeps the point under the pointer through a live update', async () => {
    const { page } = await open();
    const { x, y, width } = await plotBox(page);
    await page.mouse.move(x + width / 2, y + 40);
    const when = await textOf(page, '[data-when]');
    await addSamples(page);
    expect(await textOf(page, '[data-when]')).toBe(when);
    expect(await page.locator('.plot.scrubbed').count()).toBe(2);
    expect(await page.locator('[data-trend]').first().isHidden()).toBe(true);
  });

  it('pins a point on a click, compares others with it, and unpins it on a second click or Escape', async () => {
    const { page } = await open();
    const { x, y, width } = await plotBox(page);
    await page.mouse.click(x + width / 4, y + 40);
    const pinned = (await textOf(page, '[data-when]')) ?? '';
    await page.mouse.move(x + width / 2, y + 40);
    const compared = await textOf(page, '[data-compare]');
    expect(compared).toMatch(/^[+−]?\$[\d,.]+ \([+−]?[\d.]+%\) against /);
    expect(compared).toContain(pinned);
    await addSamples(page);
    expect(await textOf(page, '[data-compare]')).toBe(compared);
    await page.mouse.move(0, 0);
    expect(await textOf(page, '[data-when]')).toBe(pinned);
    await page.keyboard.press('Escape');
    expect(await textOf(page, '[data-when]')).toBe('latest five minutes');
    await page.mouse.click(x + width / 4, y + 40);
    await page.mouse.click(x + width / 4, y + 40);
    await page.mouse.move(0, 0);
    expect(await page.locator('.plot.pinned').count()).toBe(0);
  });

  it('says only that it is paused while Redis is down, and recovers when Redis is back', async () => {
    await startOver(3_600_000);
    await refresh();
    const { page } = await open();
    const frozen = page.locator('#live[data-state=frozen]');
    await frozen.waitFor();
    wire.resetOn('request');
    await page.locator('#live[data-state=paused]').waitFor();
    expect(await textOf(page, '#live')).toBe('Paused: Redis does not answer');
    wire.resetOn('never');
    await frozen.waitFor();
    expect(await textOf(page, '#live')).toBe('Feed frozen');
    expect(await textOf(page, '.notice')).toMatch(/^The feed is frozen: its newest sample is \d+ minutes old\.$/);
  });

  it('closes its stream while hidden, and catches up when visible again', async () => {
    const { page } = await open();
    const setVisibility = (state: string) =>
      page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
        Object.defineProperty(document, 'hidden', { value: ${state === 'hidden'}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);
    const closed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/events'));
    await setVisibility('hidden');
    await closed;
    const before = await asOf(page);
    now += 300_000;
    await refresh();
    await setVisibility('visible');
    await page.locator(`#main:not([data-as-of="${before}"])`).waitFor();
  });

  it('is restored from the back/forward cache, and is live again', async () => {
    const { page } = await open();
    await page.evaluate("addEventListener('pageshow', ({ persisted }) => { globalThis.isKept = persisted })");
    await page.locator('a[href="/docs"]').first().click();
    await page.locator('.tools').waitFor();
    await page.evaluate('history.back()').catch(() => {});
    await expect.poll(() => page.evaluate('globalThis.isKept').catch(() => undefined)).toBe(true);
    await addSamples(page);
  });

  it("shows times in the reader's time zone, and in UTC on request", async () => {
    const { page } = await open('', { timezoneId: 'Asia/Tokyo' });
    expect(await textOf(page, 'thead th')).toBe('Hour, your time');
    const own = await textOf(page, 'tbody th');
    await page.locator('#zone').click();
    expect(await textOf(page, 'thead th')).toBe('Hour, UTC');
    expect(await textOf(page, 'tbody th')).not.toBe(own);
    await page.locator('#scrub').focus();
    await page.keyboard.press('Home');
    expect(await textOf(page, '[data-when]')).toMatch(/^\d+ \w+, \d\d:\d\d – \d\d:\d\d UTC$/);
  });

  it('shows sentiment above the fold on a wide screen', async () => {
    const { page } = await open('', { viewport: { width: 1280, height: 900 } });
    const { y, height } = (await page.locator('.plot').last().boundingBox()) ?? { y: 900, height: 900 };
    expect(y + height).toBeLessThanOrEqual(900);
  });
});
