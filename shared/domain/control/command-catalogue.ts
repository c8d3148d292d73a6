import * as z from 'zod';
import { logLevel } from '../../config/config.ts';
import { log } from '../../log.ts';
import { rereadSecrets } from '../../redis/index.ts';
import { overrideLimit } from '../limiter.ts';
import { emptyCaches } from '../tag-generation.ts';

/**
 * A command: its parameters, and what an instance does when it receives it, undefined when it has ended. One that acts
 * once has nothing to do at its end.
 */
const command = <S extends z.ZodType>(
  parameters: S,
  act: (given: z.output<S> | undefined) => Promise<void> | void,
) => ({
  parameters,
  /** @param stored the parameters as they were stored, checked again because another version may have stored them */
  carryOut: async (stored: unknown): Promise<void> => {
    const { data } = parameters.safeParse(stored);
    await act(data);
  },
});

/** Every command by its name. A new one is one more line here. None of them may carry a secret. */
export const catalogue = new Map([
  ['log-level', command(z.strictObject({ level: logLevel }), (given) => log.overrideLevel(given?.level))],
  [
    'rate-limit',
    command(
      z.strictObject({
        per_minute: z.int().min(0).max(1_000_000),
        burst: z.int().min(1).max(1_000_000).optional(),
      }),
      (given) => overrideLimit(given && { perMinute: given.per_minute, burst: given.burst }),
    ),
  ],
  ['reread-secrets', command(z.strictObject({}), (given) => given && rereadSecrets())],
  [
    'empty-cache',
    command(
      z.strictObject({ tag: z.string().regex(/^[a-z0-9-]{1,64}$/, 'Must be 1 to 64 of a–z, 0–9 and -') }),
      (given) => given && emptyCaches(given.tag),
    ),
  ],
]);
