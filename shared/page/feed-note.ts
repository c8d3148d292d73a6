import { config } from '../config/config.ts';

const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A note for readers when the feed is not the real one; undefined when it is. */
export const feedNote = (): string | undefined => {
  const { feed, senticryptUrl, krakenUrl } = config();
  const { hostname } = new URL(feed === 'kraken' ? krakenUrl : senticryptUrl);
  return LOCAL_HOSTS.has(hostname)
    ? 'The feed runs on this machine, so its data is made up or recorded. Do not take these figures for market data.'
    : undefined;
};
