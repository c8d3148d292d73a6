import { Problem } from '../../shared/problems/problem.ts';

/** Streams of one client at once: a household or an office with many tabs, and no more. */
const MAX_OF_CLIENT = 20;
/** Streams of one instance at once: below its concurrency, so that it still answers its other requests. */
export const MAX_STREAMS = 450;
const RETRY_SECONDS = 30;

const open = new Map<string, number>();
let total = 0;

const refuse = (detail: string): never => {
  throw new Problem('too-many-streams', detail, { retryAfterSeconds: RETRY_SECONDS });
};

/**
 * Takes one of the instance's event streams for `client`, until `signal`.
 * @throws Problem too-many-streams when the client, or the instance, has as many as it may
 */
export const takeSlot = (client: string, signal: AbortSignal): void => {
  const before = open.get(client) ?? 0;
  if (before >= MAX_OF_CLIENT)
    refuse(`A client may hold ${MAX_OF_CLIENT} event streams at once. Close one, then retry.`);
  if (total >= MAX_STREAMS) refuse('This instance serves as many event streams as it can. Try again shortly.');
  if (signal.aborted) return;
  open.set(client, before + 1);
  total += 1;
  const free = (): void => {
    total -= 1;
    const left = (open.get(client) ?? 1) - 1;
    if (left === 0) open.delete(client);
    else open.set(client, left);
  };
  signal.addEventListener('abort', free, { once: true });
};
