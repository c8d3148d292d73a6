export const HOUR_MS = 3_600_000;

/** The operation took too long. It may still take effect. */
export class DeadlineError extends Error {
  override name = 'DeadlineError';
}

/**
 * Waits for `work` for at most `ms` milliseconds, then throws DeadlineError. Ignores a later result or error.
 */
export const withDeadline = <T>(work: Promise<T>, ms: number, what: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const expire = () => reject(new DeadlineError(`${what} took longer than ${Math.round(ms)} ms`));
    // When a frozen process thaws, timers fire before sockets are read. This gives an answer that has arrived a chance.
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
/** After a failure, so that calls that need no Redis are not delayed. */
const PAUSE_MS = 10_000;

/**
 * Runs `work` at most once a second, with the first call of each second.
 * @returns a function that takes epoch milliseconds, of a clock that may jump, and returns a promise when it runs `work`.
 * Its commands share a trip with the call's own, so the call should end after it.
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
