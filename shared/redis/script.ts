import { createHash } from 'node:crypto';
import { ErrorReply } from 'redis';
import type { Client } from './single-client.ts';

/** A Lua script and the name that Redis knows it by. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

/** @param lua its header says KEYS, ARGV, reply, and why a plain command will not do */
export const script = (lua: string): Script => ({ lua, sha1: createHash('sha1').update(lua).digest('hex') });

/** The scripts that were sent over a connection as text: its server knows them by name from then on. */
const sent = new WeakMap<Client, Set<Script>>();

const isFirstUse = (client: Client, which: Script): boolean => {
  const scripts = sent.get(client) ?? new Set();
  if (scripts.has(which)) return false;
  sent.set(client, scripts.add(which));
  return true;
};

/**
 * Runs a script: by its text the first time on a connection, so that this too is one trip, then by its name. A server
 * that forgot it, or another node of a cluster, is sent the text again. `keys` share one hash tag.
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
