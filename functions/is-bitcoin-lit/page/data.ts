import type * as z from 'zod';
import type { history } from '../../../shared/domain/history.ts';
import type { summary } from '../../../shared/domain/summary.ts';

export type Summary = z.infer<typeof summary>;
export type History = z.infer<typeof history>;
export type Direction = Summary['price_direction'];
