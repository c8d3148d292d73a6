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
    const timer = setTimeout(() => reject(new DeadlineError(`${what} took longer than ${ms} ms`)), ms);
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
