import { ageText } from './format.ts';
import type { Summary } from './series.ts';

/** The verdict in one sentence, from the two directions; in the past tense when the data is old. */
export const explain = ({ price_direction: price, sentiment_direction: sentiment, stale }: Summary): string => {
  if (price === sentiment) return `Price and sentiment ${stale ? 'were' : 'are'} both ${price}.`;
  const link = price === 'rising' || sentiment === 'rising' ? ', but' : ' and';
  const verb = stale ? 'was' : 'is';
  return `Price ${verb} ${price}${link} sentiment ${verb} ${sentiment}.`;
};

const SOURCES: Readonly<Record<string, string>> = {
  senticrypt: 'SentiCrypt, v1: price and the mood of what people write',
  kraken: 'Kraken: price and the balance of buying and selling',
};

/** Where the figures come from; an unknown source is called by its name. */
export const sourceText = (source: string): string => SOURCES[source] ?? source;

/** Why the summary calls itself stale: the last figures from before Redis went away, else old samples. */
export const staleText = ({ age_seconds }: Summary, isCutOff: boolean): string =>
  isCutOff
    ? 'Paused: the store does not answer at the moment. These are the last known figures.'
    : `The feed is frozen: its newest sample is ${ageText(age_seconds)} old.`;

/** `3 hours`, `24 hours`, `7 days` */
export const rangeText = (hours: number): string => (hours > 24 ? `${hours / 24} days` : `${hours} hours`);

export const ARROWS: Readonly<Record<Summary['price_direction'], string>> = {
  rising: 'M3.5 12.5l9-9M5.5 3.5h7v7',
  falling: 'M3.5 3.5l9 9M12.5 5.5v7h-7',
  flat: 'M2 8h12M9 3l5 5-5 5',
};
