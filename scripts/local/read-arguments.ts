import { existsSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import * as z from 'zod';
import { messageOf } from './message-of.ts';

/** Loads a `.env` file, or the one that ENV_FILE names. Existing environment variables take precedence. */
export const readEnvFile = (file = process.env.ENV_FILE ?? '.env'): void => {
  if (existsSync(file)) process.loadEnvFile(file);
};

/** Runs a command. If it throws, prints the message without a stack and exits with status 1. */
export const runCommand = async (work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
};

/** Parses the arguments of a command. `--help` prints `usage` and exits; so does an invalid argument, with status 1. */
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

/** Parses the options of a command, each with its own schema. An option that may be `true` is a flag. */
export const readOptions = <S extends z.ZodRawShape>(usage: string, shape: S): z.output<z.ZodObject<S>> => {
  const typeOf = (schema: z.core.$ZodType) => (z.safeParse(schema, true).data === true ? 'boolean' : 'string');
  const named = Object.entries(shape).map(([name, schema]) => [name, { type: typeOf(schema) }] as const);
  const { values } = readArguments(usage, { options: Object.fromEntries(named) });
  const { success, data, error } = z.object(shape).safeParse(values);
  if (success) return data;
  console.error(`${z.prettifyError(error)}\n\n${usage}`);
  process.exit(1);
};
