import { existsSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import * as z from 'zod';
import { messageOf } from './message-of.ts';

/** Reads the settings of a file `.env` (ENV_FILE names another). What the environment has already, stays. */
export const readEnvFile = (file = process.env.ENV_FILE ?? '.env'): void => {
  if (existsSync(file)) process.loadEnvFile(file);
};

/** Does what a command is for. What it throws is shown in one piece, and ends it with status 1. */
export const runCommand = async (work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
};

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
    console.error(`${messageOf(error)}\n\n${usage}`);
    process.exit(1);
  }
};

/** The options of a command, each checked by its schema. One that may be `true` is a flag. */
export const readOptions = <S extends z.ZodRawShape>(usage: string, shape: S): z.output<z.ZodObject<S>> => {
  const typeOf = (schema: z.core.$ZodType) => (z.safeParse(schema, true).data === true ? 'boolean' : 'string');
  const named = Object.entries(shape).map(([name, schema]) => [name, { type: typeOf(schema) }] as const);
  const { success, data, error } = z
    .object(shape)
    .safeParse(readArguments(usage, { options: Object.fromEntries(named) }).values);
  if (success) return data;
  console.error(`${z.prettifyError(error)}\n\n${usage}`);
  process.exit(1);
};
