const MINUTE_MS = 60_000;

const refresh = async (url: string): Promise<string> => {
  const response = await fetch(`${url}/refresh`, { method: 'POST' });
  const answer: unknown = await response.json();
  const { received, added, title } = Object(answer);
  if (response.status === 200) return `${received} rows received, ${added} new`;
  return response.status === 202 ? 'another refresh is running' : `failed with ${response.status}: ${title}`;
};

/** Calls /refresh as Cloud Scheduler would. */
export const createSchedule = (url: string) => {
  let timer: NodeJS.Timeout | undefined;
  let isPaused = false;
  const tick = (): void => {
    if (isPaused) return;
    refresh(url).then(
      (outcome) => console.log(`refresh: ${outcome}`),
      (error) => console.error(`refresh: ${error instanceof Error ? error.message : error}`),
    );
  };
  return {
    /** One call, now. @returns how it went */
    refresh: () => refresh(url),
    /** Calls now and each minute. @returns how the first call went */
    start: async (): Promise<string> => {
      const first = await refresh(url);
      timer = setInterval(tick, MINUTE_MS);
      return `${first}; again each minute, as Cloud Scheduler would`;
    },
    isPaused: () => isPaused,
    pause: (paused: boolean): void => {
      isPaused = paused;
    },
    stop: (): void => clearInterval(timer),
  };
};

export type Schedule = ReturnType<typeof createSchedule>;
