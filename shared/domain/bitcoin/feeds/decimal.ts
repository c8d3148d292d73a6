/** Digits after the point that a decimal text may have; Kraken gives 5 for prices and 8 for volumes. */
const MAX_DIGITS = 10;

/** How many units 1 is. */
export const UNIT = 10n ** BigInt(MAX_DIGITS);

/** A positive or zero decimal without an exponent, of at most 12 digits before the point and 10 after it. */
export const DECIMAL = /^\d{1,12}(\.\d{1,10})?$/;

/** The value of a DECIMAL in units of 10^-10: exact, where a double would drift from sum to sum. */
export const parseDecimal = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(MAX_DIGITS, '0'));
};

/** `dividend / divisor` rounded once, half away from zero, to `digits` after the point; `divisor` is above zero. */
export const divideRounded = (dividend: bigint, divisor: bigint, digits: number): number => {
  const size = dividend < 0n ? -dividend : dividend;
  const rounded = (size * 10n ** BigInt(digits) * 2n + divisor) / (divisor * 2n);
  return Number(dividend < 0n ? -rounded : rounded) / 10 ** digits;
};
