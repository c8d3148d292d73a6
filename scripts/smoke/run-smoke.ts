import { randomInt } from 'node:crypto';
import { messageOf } from '../local/message-of.ts';
import { checks, commonChecks, type Target } from './smoke-checks.ts';

/**
 * Runs the checks against the functions, given by name, one after the other.
 * @param hasNoFeed the feed cannot be reached, so its errors are correct answers
 * @returns the number of failed checks
 */
export const runSmoke = async (
  functions: ReadonlyMap<string, Target>,
  print: (line: string) => void,
  hasNoFeed = false,
): Promise<number> => {
  const target = (name: string): Target => {
    const found = functions.get(name);
    if (found === undefined) throw new Error(`The function ${name} is not under test.`);
    return found;
  };
  // Far from the ids of real users and items, and different in each run.
  const id = 9_000_000_000_000_000 + randomInt(1_000_000_000);
  const world = { target, hasNoFeed, id, name: `smoke-${id}` };
  const common = [...functions].map(([name, target]) => commonChecks(name, target));
  let failed = 0;
  for (const [what, check] of [...common, checks].flatMap((group) => Object.entries(group))) {
    const startMs = performance.now();
    try {
      await check(world);
      print(`ok        ${what} (${Math.round(performance.now() - startMs)} ms)`);
    } catch (error) {
      failed += 1;
      print(`FAILED    ${what}\n          ${messageOf(error)}`);
    }
  }
  return failed;
};
