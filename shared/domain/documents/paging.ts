import * as z from 'zod';

/** An integer in a query. @param standard what it is unless given */
export const queryInteger = (least: number, most: number, standard: number, description: string) => {
  const rule = `Must be an integer from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,3}$/, rule)
    .transform(Number)
    .refine((value) => value >= least && value <= most, rule)
    .default(standard)
    .meta({
      description,
      override: { type: 'integer', minimum: least, maximum: most, default: standard, pattern: undefined },
    });
};

/** The two query parameters of every list. A cursor never expires. */
export const paging = {
  limit: queryInteger(1, 100, 20, 'How many at most, 1–100'),
  cursor: z.string().max(1_024).optional().meta({ description: '`next_cursor` of the page before' }),
};

export const nextCursor = z.string().nullable().meta({ description: 'Ask for the next page with it; null at the end' });
