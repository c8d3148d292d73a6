import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startMadeUpFeed } from '../scripts/local/made-up-feed.ts';
import { closePages, findBrowser, launchBrowser, openPage } from '../scripts/testing/browser.ts';
import { type Served, startServe } from '../scripts/testing/served.ts';
import { startProxy, type TcpProxy } from '../scripts/testing/tcp-proxy.ts';
import { closeSubscriptions } from '../shared/redis/index.ts';
import { manifest } from './manifest.ts';

const executable = findBrowser();

describe.skipIf(executable === undefined)('a problem page in a browser', () => {
  let browser: Browser;
  let served: Served;
  let feed: Awaited<ReturnType<typeof startMadeUpFeed>>;
  let wire: TcpProxy;
  const open = (path: string, options = {}) => openPage(browser, served.url + path, options);

  beforeAll(async () => {
    wire = await startProxy(process.env.REDIS_URL ?? '');
    process.env.REDIS_URL = wire.url;
    feed = await startMadeUpFeed();
    process.env.SENTICRYPT_URL = feed.senticryptUrl;
    served = await startServe(manifest);
    browser = await launchBrowser(executable ?? '');
    wire.resetOn('request');
  });
  afterEach(() => closePages(browser));

  afterAll(async () => {
    await browser?.close();
    closeSubscriptions();
    await served?.stop();
    await feed?.stop();
    await wire?.stop();
  });

  it('reloads itself after Retry-After until the page is available', async () => {
    const { page } = await open('/is-bitcoin-lit');
    expect(await page.locator('[role=status]').textContent()).toMatch(/^This page tries again in 1 second\./);
    const again = await page.waitForResponse((response) => response.url().endsWith('/is-bitcoin-lit'));
    expect(again.status()).toBe(503);
    wire.resetOn('never');
    await served.call('POST', '/refresh');
    await page.locator('.verdict').waitFor();
    expect(await page.locator('.plot').count()).toBe(2);
  });
});
