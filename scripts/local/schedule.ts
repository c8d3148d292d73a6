import type { Api } from '../../functions/manifest.ts';
import { createClient } from '../../shared/client.ts';
import { messageOf } from './message-of.ts';

const MINUTE_MS = 60_000;

/** Calls POST /refresh every minute, as Cloud Scheduler would. */
export const createSchedule = (url: string) => {
  let timer: NodeJS.Timeout | undefined;
  const schedule = {
    isPaused: false,
    /** Calls it once. @returns the outcome in words */
    refresh: async (): Promise<string> => {
      const answer = await createClient<Api>(url)('POST /refresh');
      if (answer.status === 200) return `${answer.body.received} rows received, ${answer.body.added} new`;
      return answer.ok ? 'another refresh is running' : `failed with ${answer.status}: ${answer.body.title}`;
    },
    /** Calls it now and every minute. @returns the outcome of the first call */
    start: async (): Promise<string> => {
      const tick = async () => console.log(`refresh: ${await schedule.refresh().catch(messageOf)}`);
      timer = setInterval(() => schedule.isPaused || void tick(), MINUTE_MS);
      return `${await schedule.refresh()}; repeats every minute, like Cloud Scheduler`;
    },
    stop: (): void => clearInterval(timer),
  };
  return schedule;
};

export type Schedule = ReturnType<typeof createSchedule>;
