import { config } from '../config/config.ts';

const HERE = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A remark for readers when the figures cannot be those of the world; undefined when the feed is the real one. */
export const feedNote = (): string | undefined => {
  const { feed, senticryptUrl, krakenUrl } = config();
  const { hostname } = new URL(feed === 'kraken' ? krakenUrl : senticryptUrl);
  return HERE.has(hostname)
    ? 'The feed is made up or recorded: it runs on this machine. Take no figure here for the market’s.'
    : undefined;
};
