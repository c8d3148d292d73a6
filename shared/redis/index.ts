import { config } from '../config/config.ts';
import { createRedis, type Redis } from './create-redis.ts';

export { isRefusedByRedis } from './errors.ts';
export { runScript, type Script, script } from './script.ts';
export type { Client } from './single-client.ts';

let instance: Redis | undefined;

/** The Redis of the settings. Its first use reads them; nothing before that does. */
const standard = (): Redis => {
  instance ??= createRedis(config().redis);
  return instance;
};

export const redis: Redis['run'] = (operation, options) => standard().run(operation, options);
export const subscribe: Redis['subscribe'] = (channel, listener) => standard().subscribe(channel, listener);
export const rereadSecrets: Redis['rereadSecrets'] = () => standard().rereadSecrets();
export const closeRedis: Redis['close'] = async () => instance?.close();
export const closeSubscriptions: Redis['closeSubscriptions'] = () => instance?.closeSubscriptions();
