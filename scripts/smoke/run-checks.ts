import { randomInt } from 'node:crypto';
import { messageOf } from '../local/message-of.ts';
import { checks, common, isClosed } from './checks.ts';
import { clientAt, type Target } from './smoke-client.ts';

/**
 * Tries the functions, by their names, one check after the other, since later ones build on earlier ones.
 * @param hasNoFeed the feed is known to be out of reach: its problems are right answers
 * @returns how many checks failed
 */
export const runSmoke = async (
  functions: ReadonlyMap<string, Target>,
  print: (line: string) => void,
  hasNoFeed = false,
): Promise<number> => {
  const target = (name: string): Target => {
    const found = functions.get(name);
    if (found === undefined) throw new Error(`${name} is not among the functions that are tried`);
    return found;
  };
  // Far from the ids of real users and items, and another in each run.
  const id = 9_000_000_000_000_000 + randomInt(1_000_000_000);
  const world = { target, at: (name: string) => clientAt(target(name)), hasNoFeed, id, name: `smoke-${id}` };
  const own = [...functions].map(([name, { token }]) => ({ ...common(name), ...(token && isClosed(name)) }));
  let failed = 0;
  for (const [what, { needs, run }] of [...own, checks].flatMap((some) => Object.entries(some))) {
    if (!needs.every((name) => functions.has(name))) {
      print(`left out  ${what}: needs ${needs.join(' and ')}`);
      continue;
    }
    const before = performance.now();
    try {
      await run(world);
      print(`ok        ${what} (${Math.round(performance.now() - before)} ms)`);
    } catch (error) {
      failed += 1;
      print(`FAILED    ${what}\n          ${messageOf(error)}`);
    }
  }
  return failed;
};
