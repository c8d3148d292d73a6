import { once } from 'node:events';
import { request } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../local/redis-server.ts';
import { findBrowser, launchBrowser, openPage } from '../testing/browser.ts';
import { type Stack, startStack } from '../testing/stack.ts';
import type { Row } from './console-view.ts';

const executable = findBrowser();
/** Presses a button as the page does. @returns the sentence that the page shows */
const press = async ({ consoleUrl }: Stack, name: string): Promise<unknown> => {
  const headers = { origin: consoleUrl };
  const view: unknown = await (await fetch(`${consoleUrl}/buttons?id=${name}`, { method: 'POST', headers })).json();
  return Object(view).texts.outcome;
};

/** Sends headers that `fetch` does not let callers set. */
const statusOf = async (url: string, method: string, headers: Readonly<Record<string, string>>) => {
  const [response] = await once(request(url, { method, headers }).end(), 'response');
  response.resume();
  return response.statusCode;
};

describe('the console of npm start', () => {
  let stack: Stack;
  let browser: Browser;
  beforeAll(async () => {
    stack = await startStack(['--no-schedule']);
    if (executable !== undefined) browser = await launchBrowser(executable);
  });
  afterAll(async () => {
    await browser?.close();
    await stack.end();
  });

  it.each([
    ['another host name that resolves here', 'GET', { host: 'evil.example' }],
    ['a page on another site', 'GET', { origin: 'http://evil.example' }],
    ['a page on another site that hides its origin', 'GET', { 'sec-fetch-site': 'cross-site' }],
    ['a button press without an origin', 'POST', {}],
    ['a button press from a page on another site', 'POST', { origin: 'http://evil.example' }],
  ])('refuses %s', async (_, method, headers) => {
    const path = method === 'GET' ? '/view' : '/buttons?id=empty';
    expect(await statusOf(stack.consoleUrl + path, method, headers)).toBe(403);
  });

  it('shows a request and its response as sent, with its round trips to Redis', async () => {
    const path = '/cache/seen';
    const body = '{"value":"sent and received"}';
    const headers = { 'content-type': 'application/json', authorization: 'Bearer secret-of-a-test' };
    await fetch(stack.url + path, { method: 'PUT', headers, body });
    const look = async () => {
      const { lists } = Object(await (await fetch(`${stack.consoleUrl}/view`)).json());
      return lists.requests.find(({ texts }: Row) => texts.path === path);
    };
    // The functions report a response after it has been sent.
    await expect.poll(async () => (await look())?.texts.status).toBe('201');
    const { id, texts } = await look();
    expect(texts).toMatchObject({ method: 'PUT', more: expect.stringMatching(/^\S+ ms · 1 trip · cache$/) });
    const details = Object(await (await fetch(`${stack.consoleUrl}/requests?id=${id}`)).json());
    expect(details.sent).toContain('"value": "sent and received"');
    expect(details.got).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(details.got).toMatch(/\n\n\{\s+"key": "seen"/);
    expect(JSON.stringify(details)).not.toContain('secret-of-a-test');
  });

  it('takes Redis away and brings it back', async () => {
    const status = async () => (await fetch(`${stack.url}/users/1`)).status;
    expect(await status()).toBe(200);
    await press(stack, 'take-redis-away');
    expect(await status()).toBe(503);
    await expect.poll(status, { timeout: 15_000 }).toBe(200);
  });

  it('breaks the feed and repairs it', async () => {
    const status = async () => (await fetch(`${stack.url}/refresh`, { method: 'POST' })).status;
    await press(stack, 'break-the-feed');
    expect(await press(stack, 'refresh')).toMatch(/failed with 502/);
    await press(stack, 'break-the-feed');
    expect(await status()).toBe(200);
  });

  it('empties Redis and seeds it', async () => {
    await press(stack, 'empty');
    expect((await fetch(`${stack.url}/users/1`)).status).toBe(404);
    expect(await press(stack, 'seed')).toMatch(/^3 sample users written/);
    expect((await fetch(`${stack.url}/users/1`)).status).toBe(200);
  });

  it('says why a button cannot be pressed', async () => {
    expect(await press(stack, 'pause-schedule')).toBe('No schedule is running.');
  });

  it("leaves the user's own Redis alone", async () => {
    const redis = await startRedis();
    const other = await startStack(['--no-schedule'], { REDIS_URL: redis.url });
    for (const name of ['empty', 'take-redis-away', 'make-redis-slow']) {
      expect(await press(other, name)).toBe('This Redis is yours, so the console leaves it alone.');
    }
    expect((await fetch(`${other.url}/users/1`)).status).toBe(200);
    await other.end();
    await redis.stop();
  });

  describe.skipIf(executable === undefined)('in a browser', () => {
    it('shows requests as they arrive, and the details of a request or key when it is opened', async () => {
      const { page, messages, hosts } = await openPage(browser, stack.consoleUrl);
      await page.locator('#keys details').first().waitFor();
      await fetch(`${stack.url}/items/404`);
      const first = page.locator('#requests > details').first();
      await page.locator('#requests .path', { hasText: '/items/404' }).waitFor();
      await first.locator('.status', { hasText: '404' }).waitFor();
      const colour = (part: string) =>
        page.evaluate(`getComputedStyle(document.querySelector('#requests ${part}')).color`);
      expect(await colour('.status')).not.toBe(await colour('.path'));
      await first.locator('summary').click();
      await first.locator('pre', { hasText: 'There is no item 404' }).waitFor();
      const users = page.locator('#keys > [data-id="users"]');
      await users.locator('summary').first().click();
      await users.locator('.members summary', { hasText: '0000000000000001' }).click();
      await users.locator('pre', { hasText: 'Paul John' }).waitFor();
      await page.getByRole('button', { name: 'Make Redis slow' }).click();
      await page.locator('#outcome', { hasText: '200 ms longer' }).waitFor();
      await page.getByRole('button', { name: 'Make Redis slow', pressed: true }).click();
      await page.locator('#outcome', { hasText: 'as fast as before' }).waitFor();
      expect(messages).toEqual([]);
      expect([...hosts]).toEqual([new URL(stack.consoleUrl).host]);
    });
  });
});
