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
