import { closeRedis } from '../../shared/redis/index.ts';
import { messageOf } from '../local/message-of.ts';
import type { Schedule } from '../local/schedule.ts';
import { seedUsers } from '../seed.ts';
import type { TcpProxy } from '../testing/tcp-proxy.ts';
import type { ShownButton } from './console-state.ts';

interface Button extends Omit<ShownButton, 'name'> {
  /** @returns what it did, in a sentence */
  readonly press: () => Promise<string> | string;
}

/** What the buttons act on. */
export interface Parts {
  readonly schedule: Schedule;
  readonly servesRefresh: boolean;
  readonly isScheduled: boolean;
  /** The throw-away Redis; undefined when the Redis is the user's. */
  readonly redis: { readonly empty: () => Promise<unknown> } | undefined;
  /** The made-up feed; undefined when the feed is another. */
  readonly feed: { readonly breakDown: (broken: boolean) => void } | undefined;
}

const AWAY_MS = 5_000;
const SLOW_MS = 200;

/** What can be done to a running `npm start` from its console. @param proxy the way from the functions to its Redis */
export const createButtons = ({ schedule, servesRefresh, isScheduled, redis, feed }: Parts, proxy?: TcpProxy) => {
  const isYours = redis === undefined ? 'This Redis is yours, and stays as it is.' : undefined;
  let isAway = false;
  let isSlow = false;
  let isBroken = false;

  const buttons = (): Readonly<Record<string, Button>> => ({
    refresh: {
      label: 'Refresh now',
      reason: servesRefresh ? undefined : 'The function that runs alone has no POST /refresh.',
      press: async () => `Refresh: ${await schedule.refresh()}.`,
    },
    'pause-schedule': {
      label: 'Pause the schedule',
      isPressed: schedule.isPaused(),
      reason: isScheduled ? undefined : 'There is no schedule in this start.',
      press: () => {
        schedule.pause(!schedule.isPaused());
        return schedule.isPaused() ? 'The schedule pauses.' : 'The schedule refreshes each minute again.';
      },
    },
    seed: {
      label: 'Seed',
      press: async () => `${await seedUsers().finally(closeRedis)} sample users written; the others were there.`,
    },
    empty: {
      label: 'Empty',
      reason: isYours,
      press: async () => {
        await redis?.empty();
        return 'Redis is empty.';
      },
    },
    'take-redis-away': {
      label: 'Take Redis away for 5 s',
      isPressed: isAway,
      reason: isYours,
      press: () => {
        if (isAway) return 'Redis is away already.';
        isAway = true;
        proxy?.resetOn('request');
        proxy?.resetAll();
        setTimeout(() => {
          isAway = false;
          proxy?.resetOn('never');
        }, AWAY_MS).unref();
        return 'Redis is away for 5 s. Requests that need it get 503 within a second, and work again after that.';
      },
    },
    'make-redis-slow': {
      label: 'Make Redis slow',
      isPressed: isSlow,
      reason: isYours,
      press: () => {
        isSlow = !isSlow;
        proxy?.slowDown(isSlow ? SLOW_MS : 0);
        return isSlow ? `Each trip to Redis takes ${SLOW_MS} ms more.` : 'Redis is as fast as before.';
      },
    },
    'break-the-feed': {
      label: 'Break the feed',
      isPressed: isBroken,
      reason: feed === undefined ? 'This feed is not made up here.' : undefined,
      press: () => {
        isBroken = !isBroken;
        feed?.breakDown(isBroken);
        return isBroken
          ? 'The feed answers 500: a refresh gets 502, and what is stored stays.'
          : 'The feed works again.';
      },
    },
  });

  return {
    shown: (): readonly ShownButton[] =>
      Object.entries(buttons()).map(([name, { press: _, ...shown }]) => ({ name, ...shown })),
    /** @returns what the button did, or why it did nothing */
    press: async (name: string): Promise<string> => {
      const button = new Map(Object.entries(buttons())).get(name);
      if (button === undefined) return `There is no button ${name}.`;
      if (button.reason !== undefined) return button.reason;
      try {
        return await button.press();
      } catch (error) {
        return `Failed: ${messageOf(error)}`;
      }
    },
  };
};
