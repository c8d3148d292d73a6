/*
 * How figures read, for the server and for the page's script. The server writes times in UTC; the script rewrites them
 * in the reader's time zone.
 */

const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const wholeDollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });
const counts = new Intl.NumberFormat('en-US');

const withSign = (value: number, text: string): string => (value < 0 ? `−${text}` : value > 0 ? `+${text}` : text);

export const priceText = (price: number): string => dollars.format(price);

export const countText = (count: number): string => counts.format(count);

/** Three decimals, because hourly averages differ in the third. */
export const sentimentText = (sentiment: number, decimals = 3): string =>
  withSign(sentiment, Math.abs(sentiment).toFixed(decimals));

/** The two lines of the chart. */
export const measures = {
  price: {
    label: 'Price',
    /** The smallest range of values that may fill the height of a panel. */
    leastSpan: 20,
    text: priceText,
    /** For an axis, where cents are noise. */
    axisText: (price: number, _decimals?: number): string => wholeDollars.format(price),
    changeText: (to: number, from: number): string => {
      const change = to - from;
      const percentage = Math.abs((change / from) * 100).toFixed(2);
      return `${withSign(change, priceText(Math.abs(change)))} (${withSign(change, percentage)}%)`;
    },
  },
  sentiment: {
    label: 'Sentiment',
    leastSpan: 0.02,
    text: sentimentText,
    axisText: sentimentText,
    changeText: (to: number, from: number): string => sentimentText(to - from),
  },
};

export type Measure = keyof typeof measures;

const TIME_FORMS = {
  clock: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
  date: { day: 'numeric', month: 'long', year: 'numeric' },
} as const;

export type TimeForm = keyof typeof TIME_FORMS | 'tick';

const formats = new Map<string, Intl.DateTimeFormat>();

/** `17:05`, `7 Jul` or `7 July 2021`. A tick of an axis shows the clock, or the day at midnight. */
export const timeText = (time: number, form: TimeForm, timeZone = 'UTC'): string => {
  if (form === 'tick') {
    const clock = timeText(time, 'clock', timeZone);
    return clock === '00:00' ? timeText(time, 'day', timeZone) : clock;
  }
  const key = `${form} ${timeZone}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...TIME_FORMS[form], timeZone });
  formats.set(key, format);
  return format.format(time);
};

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['year', 31_557_600],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `3 minutes`, in the largest unit of which there are at least two: an hour and a half is 90 minutes. */
export const ageText = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  const [name, size] = UNITS.find(([, unit]) => whole >= 2 * unit) ?? ['second', 1];
  const count = Math.floor(whole / size);
  return `${countText(count)} ${name}${count === 1 ? '' : 's'}`;
};

interface Directions {
  readonly price_direction: string;
  readonly sentiment_direction: string;
  readonly stale: boolean;
}

/** A summary in one sentence, in the past tense when its data is old. */
export const explain = ({ price_direction: price, sentiment_direction: sentiment, stale }: Directions): string => {
  if (price === sentiment) return `Price and sentiment ${stale ? 'were' : 'are'} both ${price}.`;
  const link = price === 'rising' || sentiment === 'rising' ? ', but' : ' and';
  const verb = stale ? 'was' : 'is';
  return `Price ${verb} ${price}${link} sentiment ${verb} ${sentiment}.`;
};
