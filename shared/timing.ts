export const HOUR_MS = 3_600_000;

/** The time for something ran out. What was started may still take effect. */
export class DeadlineError extends Error {
  override name = 'DeadlineError';
}

/**
 * `work`, or DeadlineError after `ms` milliseconds, whichever comes first. A late result of `work` is dropped, a late
 * error of it swallowed.
 */
export const withDeadline = <T>(work: Promise<T>, ms: number, what: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const expire = () => reject(new DeadlineError(`${what} took longer than ${Math.round(ms)} ms`));
    // After a freeze of the process, timers fire before the sockets are read: what has arrived in the meantime still counts.
    const timer = setTimeout(() => setImmediate(expire), ms);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });

const EVERY_MS = 1_000;
/** After a failure, so that a call which needs no Redis does not wait for it. */
const PAUSE_MS = 10_000;

/**
 * Does `work` with the first call of each second, of any function.
 * @returns takes milliseconds, of a clock that may jump, and gives a promise when it works: its commands travel to Redis
 * with those of the call, which should end after it
 */
export const onceASecond = (work: () => Promise<void>) => {
  let doneAt = Number.NEGATIVE_INFINITY;
  let pauseMs = EVERY_MS;
  return (now = Date.now()): Promise<void> | undefined => {
    if (Math.abs(now - doneAt) < pauseMs) return undefined;
    doneAt = now;
    pauseMs = PAUSE_MS;
    return work().then(
      () => {
        pauseMs = EVERY_MS;
      },
      () => {},
    );
  };
};
