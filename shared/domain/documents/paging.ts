import * as z from 'zod';

/** The two query parameters of every list. A cursor never expires. */
export const paging = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'Must be an integer from 1 to 100')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 100, 'Must be an integer from 1 to 100')
    .default(20)
    .meta({
      description: 'How many at most, 1–100',
      override: { type: 'integer', minimum: 1, maximum: 100, default: 20, pattern: undefined },
    }),
  cursor: z.string().max(1_024).optional().meta({ description: '`next_cursor` of the page before' }),
};

export const nextCursor = z.string().nullable().meta({ description: 'Ask for the next page with it; null at the end' });
