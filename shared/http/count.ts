import type { Step } from './step.ts';

/** Counts a call of a function. A promise when it is time to store the counts. */
export type CountCall = (functionName: string) => Promise<void> | undefined;

/** Storing the counts travels to Redis beside the call's own commands, and ends before the answer. */
export const counted = (count: CountCall | undefined, next: Step): Step => {
  if (count === undefined) return next;
  return (call) => {
    const { owner } = call.match;
    const stored = owner && count(owner.name);
    return stored === undefined ? next(call) : Promise.try(next, call).finally(() => stored);
  };
};
