import { randomUUID } from 'node:crypto';
import { redis, runScript, script } from '../redis/index.ts';

/**
 * KEYS: lock, fence. ARGV: token, milliseconds. Reply: the fencing number, or 0 when the lock is held. A script
 * because the number must rise exactly with each holder.
 */
const ACQUIRE = script(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return redis.call('INCR', KEYS[2]) end
return 0
`);

/**
 * KEYS: lock. ARGV: token, milliseconds to extend it by, left out to release it. Reply: 1 done, 0 not the owner. A script:
 * only its owner may touch it.
 */
const KEEP = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('DEL', KEYS[1])
`);

/** Calls `task` every `ms` milliseconds, until the function that it returns is called. */
type Every = (ms: number, task: () => void) => () => void;

const onTimer: Every = (ms, task) => {
  const timer = setInterval(task, ms);
  return () => clearInterval(timer);
};

interface LockOptions {
  readonly name: string;
  /** How long the lock outlives the last sign of its holder, who extends it four times in that time. */
  readonly leaseMs: number;
  readonly every?: Every;
}

/**
 * Runs `work` while no other process holds the lock; answers `undefined`, without any work, while one does.
 * A lock is lost when Redis or this process stands still for `leaseMs`. So `work` gets a fencing number, higher than
 * that of every earlier holder; what is written under a lower number can be refused.
 * @throws Problem redis-unavailable, and what `work` throws
 */
export const withLock = async <T>(
  { name, leaseMs, every = onTimer }: LockOptions,
  work: (fence: number) => Promise<T>,
): Promise<T | undefined> => {
  const key = `{lock:${name}}`;
  const token = randomUUID();
  const term = [token, String(leaseMs)];
  const fence = Number(await redis((client) => runScript(client, ACQUIRE, [key, `${key}:fence`], term)));
  if (fence === 0) return undefined;
  // An extension that fails says nothing yet: the next may still come in time.
  const extend = () => redis((client) => runScript(client, KEEP, [key], term)).catch(() => 0);
  const stop = every(leaseMs / 4, () => void extend());
  try {
    return await work(fence);
  } finally {
    stop();
    // A lock that cannot be released frees itself, and the answer of `work` is what counts.
    await redis((client) => runScript(client, KEEP, [key], [token])).catch(() => 0);
  }
};
