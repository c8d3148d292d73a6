import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { programsOnPath } from '../local/processes.ts';

/** The path of a Chromium on the PATH, or undefined. */
export const findBrowser = (): string | undefined =>
  programsOnPath(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'])[0];

/** Launches with the back/forward cache on, as in readers' browsers. */
export const launchBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: ['--disable-gpu', '--disable-quic'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });

/** Opens a page in a context of its own, and records its messages and requests. */
export const openPage = async (browser: Browser, url: string, options?: BrowserContextOptions) => {
  const page = await (await browser.newContext(options)).newPage();
  /** Console messages and errors, CSP violations included. */
  const messages: string[] = [];
  /** Every host that received a request. */
  const hosts = new Set<string>();
  page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => messages.push(String(error)));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:') hosts.add(host);
  });
  await page.goto(url);
  return { page, messages, hosts };
};

/** Closes all pages. An open one would keep following events during the next test. */
export const closePages = async (browser: Browser | undefined): Promise<void> => {
  await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
};
