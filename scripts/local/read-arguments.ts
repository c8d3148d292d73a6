import { type ParseArgsConfig, parseArgs } from 'node:util';

/**
 * The arguments of a command. `--help` shows `usage` and ends the process; so do arguments that it does not take, with
 * status 1.
 */
export const readArguments = <T extends ParseArgsConfig>(usage: string, config: T): ReturnType<typeof parseArgs<T>> => {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(1);
  }
};
