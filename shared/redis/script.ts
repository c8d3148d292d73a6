import { createHash } from 'node:crypto';
import { ErrorReply } from 'redis';
import type { Client } from './client.ts';

/** A Lua script and the name that Redis knows it by. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

/** @param lua its header says KEYS, ARGV, reply, and why a plain command will not do */
export const script = (lua: string): Script => ({ lua, sha1: createHash('sha1').update(lua).digest('hex') });

/** Runs a script by its name, and sends its text only to a server that does not know it. `keys` share one hash tag. */
export const runScript = async (
  client: Client,
  { lua, sha1 }: Script,
  keys: string[],
  args: string[],
): Promise<unknown> => {
  try {
    return await client.evalSha(sha1, { keys, arguments: args });
  } catch (error) {
    if (error instanceof ErrorReply && error.message.startsWith('NOSCRIPT')) {
      return client.eval(lua, { keys, arguments: args });
    }
    throw error;
  }
};
