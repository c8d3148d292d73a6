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
