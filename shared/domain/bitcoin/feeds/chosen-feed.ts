import { type Config, config } from '../../../config/config.ts';
import type { Feed } from './feed.ts';
import { kraken } from './kraken.ts';
import { senticrypt } from './senticrypt.ts';

const feeds = {
  senticrypt: ({ senticryptUrl }) => senticrypt(senticryptUrl),
  kraken: ({ krakenUrl }) => kraken(krakenUrl),
} satisfies Record<Config['feed'], (config: Config) => Feed>;

/** The feed that FEED names. */
export const chosenFeed = (): Feed => feeds[config().feed](config());
