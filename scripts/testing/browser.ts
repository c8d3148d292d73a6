import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { programsOnPath } from '../local/processes.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** A Chromium on the PATH; undefined when there is none. */
export const findBrowser = (): string | undefined => programsOnPath(NAMES)[0];

/** It keeps pages for the way back, as readers' browsers do. */
export const launchBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: ['--disable-gpu', '--disable-quic'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });

/** A page of its own, with all that it says and asks for written down. */
export const openPage = async (browser: Browser, url: string, options?: BrowserContextOptions) => {
  const page = await (await browser.newContext(options)).newPage();
  /** What the browser would show in its console, policy violations included. */
  const messages: string[] = [];
  /** Every host that was asked for something. */
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

/** Closes all pages: an open one goes on following events, and works for no test. */
export const closePages = async (browser: Browser | undefined): Promise<void> => {
  await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
};
