import { createHash } from 'node:crypto';
import { ErrorReply } from 'redis';
import type { Client } from './single-client.ts';

/** A Lua script and its name in Redis. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

/** @param lua document KEYS, ARGV, the reply, and why no plain command will do, above it */
export const script = (lua: string): Script => ({ lua, sha1: createHash('sha1').update(lua).digest('hex') });

/** The scripts whose text was sent on a connection. Its server knows them by name from then on. */
const sent = new WeakMap<Client, Set<Script>>();

const isFirstUse = (client: Client, which: Script): boolean => {
  const scripts = sent.get(client) ?? new Set();
  if (scripts.has(which)) return false;
  sent.set(client, scripts.add(which));
  return true;
};

/**
 * Runs a script. The first use on a connection sends its text, later ones its name, so that each is one trip. If the server
 * has forgotten the script, or is another node of a cluster, the text is sent again. `keys` must share one hash tag.
 */
export const runScript = async (client: Client, which: Script, keys: string[], args: string[]): Promise<unknown> => {
  const options = { keys, arguments: args };
  if (isFirstUse(client, which)) return client.eval(which.lua, options);
  try {
    return await client.evalSha(which.sha1, options);
  } catch (error) {
    if (error instanceof ErrorReply && error.message.startsWith('NOSCRIPT')) return client.eval(which.lua, options);
    throw error;
  }
};
