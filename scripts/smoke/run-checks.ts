import type { Target } from './call.ts';
import { type Check, checks, common, isClosed, ownThings } from './checks.ts';

export interface Targets {
  /** By the function's name. */
  readonly functions: ReadonlyMap<string, Target>;
  readonly hasNoFeed?: boolean;
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};

/** One try after the other, since later ones build on earlier ones. @returns how many failed */
export const runSmoke = async (
  { functions, hasNoFeed = false }: Targets,
  print: (line: string) => void,
): Promise<number> => {
  const at = (name: string): Target => {
    const target = functions.get(name);
    if (target === undefined) throw new Error(`${name} is not among the functions that are tried`);
    return target;
  };
  const own = [...functions].flatMap(([name, { token }]): readonly Check[] =>
    token === undefined ? common(name) : [...common(name), isClosed(name)],
  );
  const world = { at, hasNoFeed, ...ownThings() };
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
