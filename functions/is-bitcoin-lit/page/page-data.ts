import type * as z from 'zod';
import type { history } from '../../../shared/domain/bitcoin/history.ts';
import type { summary } from '../../../shared/domain/bitcoin/summary.ts';

export type Summary = z.infer<typeof summary>;
export type History = z.infer<typeof history>;
export type Direction = Summary['price_direction'];
