/** A setting that cannot be used. Its message is one line: which setting, and what it may be. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Settings that are a number or one of a few words: no place for a secret, so a wrong value may be shown. */
const SHOWN_SETTINGS =
  /^(?:PORT|REDISPORT|FEED|LOG_LEVEL|REDIS_(?:TLS|CLUSTER|IAM)|\w+_(?:MS|DAYS|SECONDS|MINUTE|BURST|HOPS))$/;
/** A short word or number. Anything else in such a setting was meant for another. */
const HARMLESS = /^(?:[a-z]{1,8}|[\d.e+-]{1,8})$/;

/** A setting's value for a message: itself only where it cannot be a secret. */
export const showSetting = (value: string): string => (HARMLESS.test(value) ? `"${value}"` : 'a value not shown here');

/** @throws ConfigError */
export const refuseSetting = (name: string, was: string | undefined, mayBe: string): never => {
  const isSafe = SHOWN_SETTINGS.test(name);
  const shown = was === undefined ? 'not set' : isSafe ? showSetting(was) : 'a value not shown here';
  throw new ConfigError(`${name} is ${shown}; it must be ${mayBe}`);
};
