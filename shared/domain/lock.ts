import { randomUUID } from 'node:crypto';
import { redis, runScript, script } from '../redis/index.ts';

/**
 * KEYS: lock, fence. ARGV: token, milliseconds. Reply: the fencing number, or 0 if the lock is held. A script so that each
 * holder has a higher number than the one before.
 */
const ACQUIRE = script(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return redis.call('INCR', KEYS[2]) end
return 0
`);

/**
 * KEYS: lock. ARGV: token, new lease in milliseconds, or nothing to release it. Reply: 1 done, 0 not the holder. A script
 * so that only the holder can do either.
 */
const KEEP = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('DEL', KEYS[1])
`);

/**
 * Runs `work` under the lock. If another process holds the lock, it returns undefined without running `work`. A holder
 * loses the lock when it or Redis stalls for `leaseMs`. So `work` gets a fencing number, higher than that of every earlier
 * holder, and writes with a lower number can be refused.
 * @param leaseMs how long the lock lasts without an extension; the holder extends it four times in that time
 * @throws Problem redis-unavailable, and what `work` throws
 */
export const withLock = async <T>(
  name: string,
  leaseMs: number,
  work: (fence: number) => Promise<T>,
): Promise<T | undefined> => {
  const key = `{lock:${name}}`;
  const token = randomUUID();
  const term = [token, String(leaseMs)];
  const fence = Number(await redis((client) => runScript(client, ACQUIRE, [key, `${key}:fence`], term)));
  if (fence === 0) return undefined;
  // After a failed extension, the next may still be in time.
  const extend = () => redis((client) => runScript(client, KEEP, [key], term)).catch(() => 0);
  const timer = setInterval(extend, leaseMs / 4);
  try {
    return await work(fence);
  } finally {
    clearInterval(timer);
    // If the release fails, the lock expires by itself.
    await redis((client) => runScript(client, KEEP, [key], [token])).catch(() => 0);
  }
};
