import { isIP } from 'node:net';
import * as z from 'zod';
import { refuseSetting as refuse } from './config-error.ts';
import { functionUrls } from './function-urls.ts';

/** An integer given as text; its bounds are part of the message when it is refused. */
const integerFrom = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `an integer from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `an integer from ${least} to ${most}`);

const integer = (standard: number, least: number, most: number) => integerFrom(least, most).default(standard);

const flag = z.stringbool({ error: 'true or false' }).default(false);

const hasCredentials = (url: string): boolean => {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.username + parsed.password !== '';
};

/** A feed needs no credentials, and those of a URL would stand in the messages of every failed request. */
const httpUrl = (standard: string) =>
  z
    .url({ protocol: /^https?$/, error: 'an http:// or https:// URL' })
    .refine((url) => !hasCredentials(url), 'an http:// or https:// URL without a user or a password')
    .default(standard);

const secretName = z
  .string()
  .regex(
    /^projects\/[^/]+\/secrets\/[^/]+(\/versions\/[^/]+)?$/,
    'projects/PROJECT/secrets/NAME, optionally with /versions/VERSION',
  )
  .optional();

/** Origins separated by commas; `*` alone means any. */
const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine(
    (list) => list.every((origin) => origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)),
    'origins such as https://example.com, separated by commas, or *',
  )
  .default([]);

/** Whether it names a host, and what stands before that is percent-encoded as it should be. */
const isComplete = (url: string): boolean => {
  try {
    const { hostname, username, password } = new URL(url);
    return hostname !== '' && decodeURIComponent(username + password) !== undefined;
  } catch {
    return false;
  }
};

const isHost = (text: string): boolean => isIP(text) > 0 || /^[\w.-]+$/.test(text);

export const logLevel = z.enum(['debug', 'info', 'warn', 'error'], { error: 'debug, info, warn or error' });

const environment = z.object({
  PORT: integer(8080, 1, 65_535),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'redis://HOST:PORT or rediss://HOST:PORT' })
    .refine(isComplete, 'redis://USER:PASSWORD@HOST:PORT, with % written as %25')
    .optional(),
  REDISHOST: z.string().refine(isHost, 'a host name or an address, without a port').optional(),
  REDISPORT: integer(6379, 1, 65_535),
  REDISPASS: z.string().optional(),
  REDIS_TLS: flag,
  REDIS_CA: z.string().includes('-----BEGIN CERTIFICATE-----', { error: 'one or more certificates in PEM' }).optional(),
  REDIS_PASSWORD_SECRET: secretName,
  REDIS_CA_SECRET: secretName,
  REDIS_CLUSTER: flag,
  REDIS_IAM: flag,
  REDIS_TIMEOUT_MS: integer(500, 1, 60_000),
  REDIS_CONNECT_TIMEOUT_MS: integer(500, 1, 60_000),
  FEED: z.enum(['senticrypt', 'kraken'], { error: 'senticrypt or kraken' }).default('senticrypt'),
  SENTICRYPT_URL: httpUrl('https://api.senticrypt.com/v1/bitcoin.json'),
  KRAKEN_URL: httpUrl('https://api.kraken.com/0/public/Trades'),
  FEED_TIMEOUT_MS: integer(10_000, 1, 300_000),
  SAMPLE_RETENTION_DAYS: integer(7, 1, 3_650),
  SUMMARY_TTL_SECONDS: integer(120, 1, 86_400),
  RATE_LIMIT_PER_MINUTE: integer(600, 0, 1_000_000),
  RATE_LIMIT_BURST: integerFrom(1, 1_000_000).optional(),
  TRUSTED_PROXY_HOPS: integer(1, 0, 16),
  CORS_ORIGINS: origins,
  FUNCTION_URLS: functionUrls,
  LOG_LEVEL: logLevel.default('info'),
  GCE_METADATA_HOST: z
    .string()
    .regex(/^[^\s/@]+$/, 'a host name or an address, optionally with :PORT')
    .default('metadata.google.internal'),
  /** Set by `npm start`, and without effect on Cloud Run: answers of 500 then carry the error's message and stack. */
  DEVELOPMENT: flag,
  K_SERVICE: z.string().default('local'),
  K_REVISION: z.string().default('local'),
  GOOGLE_CLOUD_PROJECT: z.string().optional(),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** Ten seconds' worth of calls. */
export const defaultBurst = (perMinute: number): number => Math.max(1, Math.ceil(perMinute / 6));

const arrange = (env: z.infer<typeof environment>) => {
  const url = env.REDIS_URL === undefined ? undefined : new URL(env.REDIS_URL);
  return {
    redis: {
      host: url === undefined ? (env.REDISHOST ?? '127.0.0.1') : url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url === undefined ? env.REDISPORT : Number(url.port || 6379),
      username: url?.username ? decodeURIComponent(url.username) : undefined,
      password: url === undefined ? env.REDISPASS : url.password ? decodeURIComponent(url.password) : undefined,
      database: url === undefined ? 0 : Number(url.pathname.slice(1) || 0),
      tls: env.REDIS_TLS || url?.protocol === 'rediss:',
      ca: env.REDIS_CA,
      passwordSecret: env.REDIS_PASSWORD_SECRET,
      caSecret: env.REDIS_CA_SECRET,
      cluster: env.REDIS_CLUSTER,
      iam: env.REDIS_IAM,
      metadataHost: env.GCE_METADATA_HOST,
      timeoutMs: env.REDIS_TIMEOUT_MS,
      connectTimeoutMs: env.REDIS_CONNECT_TIMEOUT_MS,
    },
    feed: env.FEED,
    senticryptUrl: env.SENTICRYPT_URL,
    krakenUrl: env.KRAKEN_URL,
    feedTimeoutMs: env.FEED_TIMEOUT_MS,
    sampleRetentionDays: env.SAMPLE_RETENTION_DAYS,
    summaryTtlSeconds: env.SUMMARY_TTL_SECONDS,
    rateLimitPerMinute: env.RATE_LIMIT_PER_MINUTE,
    rateLimitBurst: env.RATE_LIMIT_BURST ?? defaultBurst(env.RATE_LIMIT_PER_MINUTE),
    trustedProxyHops: env.TRUSTED_PROXY_HOPS,
    corsOrigins: env.CORS_ORIGINS,
    functionUrls: env.FUNCTION_URLS,
    logLevel: env.LOG_LEVEL,
    isDevelopment: env.DEVELOPMENT && env.K_SERVICE === 'local',
    service: env.K_SERVICE,
    revision: env.K_REVISION,
    projectId: env.GOOGLE_CLOUD_PROJECT,
  };
};

export type Config = ReturnType<typeof arrange>;
export type RedisSettings = Config['redis'];

/**
 * The settings in `env`, checked. An empty text counts as not set.
 * @throws ConfigError that names the first wrong setting and what it may be, and what it was where it holds no secret
 */
export const readConfig = (env: Environment): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]);
    return refuse(name, given[name], issue?.message ?? 'valid');
  }
  const { data } = parsed;
  if (data.REDIS_URL !== undefined) {
    for (const name of ['REDISHOST', 'REDISPORT', 'REDISPASS']) {
      if (given[name] !== undefined) refuse(name, given[name], 'left out when REDIS_URL is set: give one or the other');
    }
    if (!/^\/?\d{0,4}$/.test(new URL(data.REDIS_URL).pathname)) {
      refuse('REDIS_URL', given.REDIS_URL, 'redis://HOST:PORT/NUMBER, where NUMBER is a logical database');
    }
  }
  if (data.REDIS_IAM) {
    for (const name of ['REDISPASS', 'REDIS_PASSWORD_SECRET']) {
      if (given[name] !== undefined) refuse(name, given[name], 'left out when REDIS_IAM is true');
    }
    if (data.REDIS_URL?.includes('@'))
      refuse('REDIS_URL', data.REDIS_URL, 'without credentials when REDIS_IAM is true');
  }
  const config = arrange(data);
  const password = data.REDIS_PASSWORD_SECRET !== undefined && config.redis.password !== undefined;
  if (password) refuse('REDIS_PASSWORD_SECRET', given.REDIS_PASSWORD_SECRET, 'left out when a password is given');
  if (data.REDIS_CA_SECRET !== undefined && data.REDIS_CA !== undefined) {
    refuse('REDIS_CA_SECRET', given.REDIS_CA_SECRET, 'left out when REDIS_CA is given');
  }
  if ((data.REDIS_CA ?? data.REDIS_CA_SECRET) !== undefined && !config.redis.tls) {
    refuse('REDIS_TLS', given.REDIS_TLS, 'true when a CA is given (or the REDIS_URL one of rediss://)');
  }
  if (config.redis.cluster && config.redis.database !== 0) {
    refuse('REDIS_URL', given.REDIS_URL, 'without a logical database when REDIS_CLUSTER is true');
  }
  return config;
};

let current: Config | undefined;

/** The settings of this process, read and checked at first use. @throws ConfigError */
export const config = (): Config => {
  current ??= readConfig(process.env);
  return current;
};
