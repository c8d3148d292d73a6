import type { Api } from '../../functions/manifest.ts';
import { createClient } from '../../shared/client.ts';
import { messageOf } from './message-of.ts';

const MINUTE_MS = 60_000;

const refresh = async (url: string): Promise<string> => {
  const answer = await createClient<Api>(url)('POST /refresh');
  if (answer.status === 200) return `${answer.body.received} rows received, ${answer.body.added} new`;
  return answer.ok ? 'another refresh is running' : `failed with ${answer.status}: ${answer.body.title}`;
};

/** Calls /refresh as Cloud Scheduler would. */
export const createSchedule = (url: string) => {
  let timer: NodeJS.Timeout | undefined;
  let isPaused = false;
  const tick = (): void => {
    if (isPaused) return;
    refresh(url).then(
      (outcome) => console.log(`refresh: ${outcome}`),
      (error) => console.error(`refresh: ${messageOf(error)}`),
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
