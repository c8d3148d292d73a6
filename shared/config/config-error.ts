/** A setting that cannot be used. The message is one line that names the setting and what it must be. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Settings that are a number or one of a few words, so their value may be shown: it is not a secret. */
const SHOWN_SETTINGS =
  /^(?:PORT|REDISPORT|FEED|LOG_LEVEL|REDIS_(?:TLS|CLUSTER|IAM)|\w+_(?:MS|DAYS|SECONDS|MINUTE|BURST|HOPS))$/;
/** A short word or number. Anything else was probably meant for another setting. */
const HARMLESS = /^(?:[a-z]{1,8}|[\d.e+-]{1,8})$/;

/** The value for a message, unless it may be a secret. */
export const showSetting = (value: string): string => (HARMLESS.test(value) ? `"${value}"` : 'a value not shown here');

/** @throws ConfigError */
export const refuseSetting = (name: string, was: string | undefined, mustBe: string): never => {
  const isSafe = SHOWN_SETTINGS.test(name);
  const shown = was === undefined ? 'not set' : isSafe ? showSetting(was) : 'a value not shown here';
  throw new ConfigError(`${name} is ${shown}; it must be ${mustBe}`);
};
