import { once } from 'node:events';
import { request } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../local/redis-server.ts';
import { findBrowser, launchBrowser, openPage } from '../testing/browser.ts';
import { type Stack, startStack } from '../testing/stack.ts';

const executable = findBrowser();
/** Presses a button as the page does. @returns what the button did */
const press = async ({ consoleUrl }: Stack, name: string): Promise<unknown> => {
  const headers = { origin: consoleUrl };
  const answer: unknown = await (await fetch(`${consoleUrl}/press?button=${name}`, { method: 'POST', headers })).json();
  return Object(answer).outcome;
};

/** Asks with headers that `fetch` keeps for itself. */
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
    ['another host name that leads here', 'GET', { host: 'evil.example' }],
    ['a page from elsewhere', 'GET', { origin: 'http://evil.example' }],
    ['a page from elsewhere that hides its origin', 'GET', { 'sec-fetch-site': 'cross-site' }],
    ['a button without an origin', 'POST', {}],
    ['a button on a page from elsewhere', 'POST', { origin: 'http://evil.example' }],
  ])('refuses %s', async (_, method, headers) => {
    const path = method === 'GET' ? '/state' : '/press?button=empty';
    expect(await statusOf(stack.consoleUrl + path, method, headers)).toBe(403);
  });

  it('shows a request and its answer as they were, with its trips to Redis', async () => {
    const path = '/cache/seen';
    const body = '{"value":"sent and received"}';
    const headers = { 'content-type': 'application/json', authorization: 'Bearer secret-of-a-test' };
    await fetch(stack.url + path, { method: 'PUT', headers, body });
    const look = async () => {
      const text = await (await fetch(`${stack.consoleUrl}/state`)).text();
      return { text, seen: JSON.parse(text).requests.find(({ url }: { url: string }) => url === path) };
    };
    // The functions tell the console of an answer once it is sent.
    await expect.poll(async () => (await look()).seen?.status).toBe(201);
    const { text, seen } = await look();
    expect(seen).toMatchObject({ method: 'PUT', owner: 'cache', trips: 1 });
    expect(seen.sent).toContain(body);
    expect(seen.got).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(seen.got).toContain('\n\n{"key":"seen"');
    expect(text).not.toContain('secret-of-a-test');
  });

  it('takes Redis away, and gives it back', async () => {
    const status = async () => (await fetch(`${stack.url}/users/1`)).status;
    expect(await status()).toBe(200);
    await press(stack, 'take-redis-away');
    expect(await status()).toBe(503);
    await expect.poll(status, { timeout: 15_000 }).toBe(200);
  });

  it('breaks the feed, and mends it', async () => {
    const status = async () => (await fetch(`${stack.url}/refresh`, { method: 'POST' })).status;
    await press(stack, 'break-the-feed');
    expect(await press(stack, 'refresh')).toMatch(/failed with 502/);
    await press(stack, 'break-the-feed');
    expect(await status()).toBe(200);
  });

  it('empties Redis, and seeds it', async () => {
    await press(stack, 'empty');
    expect((await fetch(`${stack.url}/users/1`)).status).toBe(404);
    expect(await press(stack, 'seed')).toMatch(/^3 sample users written/);
    expect((await fetch(`${stack.url}/users/1`)).status).toBe(200);
  });

  it('says why a button cannot be pressed', async () => {
    expect(await press(stack, 'pause-schedule')).toBe('There is no schedule in this start.');
  });

  it('leaves a Redis alone that is not its own', async () => {
    const redis = await startRedis();
    const other = await startStack(['--no-schedule'], { REDIS_URL: redis.url });
    for (const name of ['empty', 'take-redis-away', 'make-redis-slow']) {
      expect(await press(other, name)).toBe('This Redis is yours, and stays as it is.');
    }
    expect((await fetch(`${other.url}/users/1`)).status).toBe(200);
    await other.end();
    await redis.stop();
  });

  describe.skipIf(executable === undefined)('in a browser', () => {
    it('shows requests as they come, and the values of keys on click', async () => {
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
      expect(await first.locator('pre').last().textContent()).toContain('There is no item 404');
      const users = page.locator('#keys > [data-id="user-write"]');
      await users.locator('summary').first().click();
      await users.locator('.members summary', { hasText: '0000000000000001' }).click();
      await users.locator('pre', { hasText: 'Paul John' }).waitFor();
      await page.getByRole('button', { name: 'Make Redis slow' }).click();
      await page.locator('#outcome', { hasText: '200 ms more' }).waitFor();
      await page.getByRole('button', { name: 'Make Redis slow', pressed: true }).click();
      await page.locator('#outcome', { hasText: 'as fast as before' }).waitFor();
      expect(messages).toEqual([]);
      expect([...hosts]).toEqual([new URL(stack.consoleUrl).host]);
    });
  });
});
