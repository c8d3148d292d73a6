import type { Sample } from './feeds/index.ts';

/*
 * Redis keeps a hash field that is a whole number in 3 to 9 bytes, and any other text in its own length and one. So
 * price and sentiment are packed into one whole number of at most 64 bits: the price in hundred-thousandths, then seven
 * digits for the sentiment in millionths, counted from -5. `338852300000 5200000` without the space is 33885.23 at 0.2.
 * What does not fit without loss is kept as a text of two numbers.
 */
const PRICE_UNITS = 1e5;
const SENTIMENT_UNITS = 1e6;
const SENTIMENT_ZERO = 5e6;
const SENTIMENT_DIGITS = 7;
/** 9 million dollars; the seven digits behind it still fit into 64 bits. */
const MAX_PRICE = 9e11;

type Values = Pick<Sample, 'price' | 'sentiment'>;

/** The text that a sample is stored as. */
export const packValues = ({ price, sentiment }: Values): string => {
  const priceUnits = Math.round(price * PRICE_UNITS);
  const sentimentUnits = Math.round(sentiment * SENTIMENT_UNITS);
  const fits = priceUnits > 0 && priceUnits < MAX_PRICE && Math.abs(sentimentUnits) < SENTIMENT_ZERO;
  const isExact = priceUnits / PRICE_UNITS === price && sentimentUnits / SENTIMENT_UNITS === sentiment;
  if (!fits || !isExact) return `${price} ${sentiment}`;
  return `${priceUnits}${String(sentimentUnits + SENTIMENT_ZERO).padStart(SENTIMENT_DIGITS, '0')}`;
};

/** What `packValues` was given. */
export const unpackValues = (text: string): Values => {
  const space = text.indexOf(' ');
  if (space > 0) return { price: Number(text.slice(0, space)), sentiment: Number(text.slice(space)) };
  return {
    price: Number(text.slice(0, -SENTIMENT_DIGITS)) / PRICE_UNITS,
    sentiment: (Number(text.slice(-SENTIMENT_DIGITS)) - SENTIMENT_ZERO) / SENTIMENT_UNITS,
  };
};
