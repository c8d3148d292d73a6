import * as z from 'zod';

/** As long as 2^53 − 1, so that the order of the texts is the order of the numbers. */
const WIDTH = 16;

/** An id in a path: an integer from 0 to 2^53 − 1 in plain decimal digits. */
export const numericId = z
  .string()
  .regex(/^(0|[1-9]\d{0,15})$/, 'Must be an integer from 0 to 9007199254740991, in decimal digits')
  .transform(Number)
  .refine(Number.isSafeInteger, 'Must be at most 9007199254740991')
  .meta({ example: '1', description: 'An integer from 0 to 2^53 − 1' });

/** The id as a collection orders it. */
export const toOrdered = (id: number): string => String(id).padStart(WIDTH, '0');
