import * as z from 'zod';
import { type Config, config } from '../../../config/config.ts';
import type { Feed } from './feed.ts';
import { kraken } from './kraken.ts';
import { senticrypt } from './senticrypt.ts';

export type { Feed, FeedPage, FeedRequest, Sample } from './feed.ts';

export const feedName = z.string().meta({ description: 'The feed: senticrypt or kraken', examples: ['senticrypt'] });

/** Every feed that FEED may name. */
const feeds = {
  senticrypt: ({ senticryptUrl }) => senticrypt(senticryptUrl),
  kraken: ({ krakenUrl }) => kraken(krakenUrl),
} satisfies Record<Config['feed'], (config: Config) => Feed>;

/** The feed that FEED chose. */
export const chosenFeed = (): Feed => feeds[config().feed](config());
