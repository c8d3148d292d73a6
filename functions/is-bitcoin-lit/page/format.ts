/*
 * How figures read, on the server and in the page's script alike. Times are UTC: the hours that decide are UTC's.
 */

const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const wholeDollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });
const counts = new Intl.NumberFormat('en-US');

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['year', 31_557_600],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

const withSign = (value: number, text: string): string => (value < 0 ? `−${text}` : value > 0 ? `+${text}` : text);

export const priceText = (price: number): string => dollars.format(price);

/** For an axis, where cents would be noise. */
export const wholePriceText = (price: number): string => wholeDollars.format(price);

export const countText = (count: number): string => counts.format(count);

/** From −1 to 1, three decimals: hourly averages differ in the third. */
export const sentimentText = (sentiment: number, decimals = 3): string =>
  withSign(sentiment, Math.abs(sentiment).toFixed(decimals));

export const priceChangeText = (change: number, from: number): string =>
  `${withSign(change, priceText(Math.abs(change)))} (${withSign(change, Math.abs((change / from) * 100).toFixed(2))}%)`;

/** `17:05` */
export const clockText = (time: number): string => new Date(time).toISOString().slice(11, 16);

/** `7 July 2021` */
export const dayText = (time: number): string =>
  new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** `7 Jul` */
export const shortDayText = (time: number): string =>
  new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** `3 minutes`: the largest unit of which there are two, so that an hour and a half is 90 minutes. */
export const ageText = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  const [name, size] = UNITS.find(([, unit]) => whole >= 2 * unit) ?? ['second', 1];
  const count = Math.floor(whole / size);
  return `${countText(count)} ${name}${count === 1 ? '' : 's'}`;
};
