import { messageOf } from '../local/message-of.ts';
import { type Check, checks, common, isClosed, ownThings } from './checks.ts';
import { clientAt, type Target } from './smoke-client.ts';

export interface Targets {
  /** By the function's name. */
  readonly functions: ReadonlyMap<string, Target>;
  readonly hasNoFeed?: boolean;
}

/** One try after the other, since later ones build on earlier ones. @returns how many failed */
export const runSmoke = async (
  { functions, hasNoFeed = false }: Targets,
  print: (line: string) => void,
): Promise<number> => {
  const target = (name: string): Target => {
    const found = functions.get(name);
    if (found === undefined) throw new Error(`${name} is not among the functions that are tried`);
    return found;
  };
  const own = [...functions].flatMap(([name, { token }]): readonly Check[] =>
    token === undefined ? common(name) : [...common(name), isClosed(name)],
  );
  const world = { target, at: (name: string) => clientAt(target(name)), hasNoFeed, ...ownThings() };
  let failed = 0;
  for (const { what, needs, run } of [...own, ...checks]) {
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
