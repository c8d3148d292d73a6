import { closeRedis } from '../../shared/redis/index.ts';
import { messageOf } from '../local/message-of.ts';
import type { Schedule } from '../local/schedule.ts';
import { seedUsers } from '../seed.ts';
import type { TcpProxy } from '../testing/tcp-proxy.ts';
import type { Row } from './console-view.ts';

interface Button {
  readonly label: string;
  /** Why it cannot be pressed. */
  readonly reason?: string | false;
  /** Whether a toggle is on. */
  readonly isOn?: () => boolean;
  /** @param on the new state of a toggle @returns a sentence that says what it did */
  readonly press: (on: boolean) => Promise<string> | string;
}

/** The parts of the stack that the buttons act on. */
export interface Parts {
  readonly schedule: Schedule;
  readonly servesRefresh: boolean;
  readonly isScheduled: boolean;
  /** The throw-away Redis; undefined when the Redis is the user's. */
  readonly redis: { readonly empty: () => Promise<unknown> } | undefined;
  /** The made-up feed; undefined for any other. */
  readonly feed: { isBroken: boolean } | undefined;
}

const AWAY_MS = 5_000;
const SLOW_MS = 200;

/** @param proxy the connection between the functions and the throw-away Redis */
export const createButtons = ({ schedule, servesRefresh, isScheduled, redis, feed }: Parts, proxy?: TcpProxy) => {
  const notOurs = redis === undefined && 'This Redis is yours, so the console leaves it alone.';
  let isAway = false;
  let isSlow = false;

  const buttons: Readonly<Record<string, Button>> = {
    refresh: {
      label: 'Refresh now',
      reason: !servesRefresh && 'The running function does not serve POST /refresh.',
      press: async () => `Refresh: ${await schedule.refresh()}.`,
    },
    'pause-schedule': {
      label: 'Pause the schedule',
      reason: !isScheduled && 'No schedule is running.',
      isOn: () => schedule.isPaused,
      press: (on) => {
        schedule.isPaused = on;
        return on ? 'The schedule is paused.' : 'The schedule refreshes every minute again.';
      },
    },
    seed: {
      label: 'Seed',
      press: async () => `${await seedUsers().finally(closeRedis)} sample users written. Existing users are unchanged.`,
    },
    empty: {
      label: 'Empty Redis',
      reason: notOurs,
      press: async () => {
        await redis?.empty();
        return 'Redis is empty.';
      },
    },
    'take-redis-away': {
      label: 'Take Redis away for 5 s',
      reason: notOurs,
      isOn: () => isAway,
      press: () => {
        if (isAway) return 'Redis is already away.';
        isAway = true;
        proxy?.resetOn('request');
        proxy?.resetAll();
        setTimeout(() => {
          isAway = false;
          proxy?.resetOn('never');
        }, AWAY_MS).unref();
        return 'Redis is away for 5 s. Requests that need it get a 503 within a second, and then work again.';
      },
    },
    'make-redis-slow': {
      label: 'Make Redis slow',
      reason: notOurs,
      isOn: () => isSlow,
      press: (on) => {
        isSlow = on;
        proxy?.slowDown(on ? SLOW_MS : 0);
        return on ? `Each round trip to Redis takes ${SLOW_MS} ms longer.` : 'Redis is as fast as before.';
      },
    },
    'break-the-feed': {
      label: 'Break the feed',
      reason: feed === undefined && 'Only the made-up feed can be broken.',
      isOn: () => feed?.isBroken === true,
      press: (on) => {
        if (feed !== undefined) feed.isBroken = on;
        return on ? 'The feed answers 500. A refresh gets a 502, and stored samples stay.' : 'The feed works again.';
      },
    },
  };

  const stateOf = ({ reason, isOn }: Button): string => {
    if (reason) return 'disabled';
    return isOn === undefined ? '' : isOn() ? 'on' : 'off';
  };
  return {
    rows: (): Row[] =>
      Object.entries(buttons).map(([id, button]) => {
        const { label, reason } = button;
        return { id, state: stateOf(button), texts: { label, reason: reason || '' } };
      }),
    /** @returns what the button did, or why it did nothing */
    press: async (id: string): Promise<string> => {
      const button = new Map(Object.entries(buttons)).get(id);
      if (button === undefined) return `There is no button "${id}".`;
      try {
        return button.reason || (await button.press(!button.isOn?.()));
      } catch (error) {
        return `Failed: ${messageOf(error)}`;
      }
    },
  };
};
