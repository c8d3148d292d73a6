import { isIP } from 'node:net';
import * as z from 'zod';
import { refuseSetting } from './config-error.ts';

const integer = (least: number, most: number) => {
  const rule = `an integer from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, rule)
    .transform(Number)
    .refine((value) => value >= least && value <= most, rule);
};

const flag = z.stringbool({ error: 'true or false' }).default(false);

const hasCredentials = (url: string): boolean => {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.username + parsed.password !== '';
};

/** A feed needs no credentials, and in a URL they would be part of every failed request's message. */
const httpUrl = (fallback: string) =>
  z
    .url({ protocol: /^https?$/, error: 'an http:// or https:// URL' })
    .refine((url) => !hasCredentials(url), 'an http:// or https:// URL without a user or a password')
    .default(fallback);

const secretName = z
  .string()
  .regex(
    /^projects\/[^/]+\/secrets\/[^/]+(\/versions\/[^/]+)?$/,
    'projects/PROJECT/secrets/NAME, optionally with /versions/VERSION',
  )
  .optional();

const isOrigin = (text: string): boolean => text === '*' || URL.parse(text)?.origin === text;

const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine((list) => list.every(isOrigin), 'origins such as https://example.com, separated by commas, or *')
  .default([]);

/** The origin of each function that has a host of its own, by name. */
const functionUrls = z
  .string()
  .transform((text) => text.split(',').map((pair) => pair.trim().split(/=(.*)/s)))
  .refine(
    (pairs) => pairs.every(([name, url = '']) => name && URL.canParse(url) && /^https?:/.test(url)),
    'NAME=URL pairs separated by commas, such as user-read=https://user-read.example.com',
  )
  .transform((pairs) => new Map(pairs.map(([name = '', url = '']) => [name, new URL(url).origin])))
  .default(new Map());

/** Whether it names a host, and its credentials are percent-encoded. */
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
  PORT: integer(1, 65_535).default(8080),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'redis://HOST:PORT or rediss://HOST:PORT' })
    .refine(isComplete, 'redis://USER:PASSWORD@HOST:PORT, with % written as %25')
    .transform((url) => new URL(url))
    .optional(),
  REDISHOST: z.string().refine(isHost, 'a host name or an address, without a port').optional(),
  REDISPORT: integer(1, 65_535).default(6379),
  REDISPASS: z.string().optional(),
  REDIS_TLS: flag,
  REDIS_CA: z.string().includes('-----BEGIN CERTIFICATE-----', { error: 'one or more certificates in PEM' }).optional(),
  REDIS_PASSWORD_SECRET: secretName,
  REDIS_CA_SECRET: secretName,
  REDIS_CLUSTER: flag,
  REDIS_IAM: flag,
  REDIS_TIMEOUT_MS: integer(1, 60_000).default(500),
  REDIS_CONNECT_TIMEOUT_MS: integer(1, 60_000).default(500),
  FEED: z.enum(['senticrypt', 'kraken'], { error: 'senticrypt or kraken' }).default('senticrypt'),
  SENTICRYPT_URL: httpUrl('https://api.senticrypt.com/v1/bitcoin.json'),
  KRAKEN_URL: httpUrl('https://api.kraken.com/0/public/Trades'),
  FEED_TIMEOUT_MS: integer(1, 300_000).default(10_000),
  SAMPLE_RETENTION_DAYS: integer(1, 3_650).default(7),
  SUMMARY_TTL_SECONDS: integer(1, 86_400).default(120),
  RATE_LIMIT_PER_MINUTE: integer(0, 1_000_000).default(600),
  RATE_LIMIT_BURST: integer(1, 1_000_000).optional(),
  TRUSTED_PROXY_HOPS: integer(0, 16).default(1),
  CORS_ORIGINS: origins,
  FUNCTION_URLS: functionUrls,
  LOG_LEVEL: logLevel.default('info'),
  GCE_METADATA_HOST: z
    .string()
    .regex(/^[^\s/@]+$/, 'a host name or an address, optionally with :PORT')
    .default('metadata.google.internal'),
  /** Puts message and stack into 500 answers. Set by `npm start`, ignored on Cloud Run. */
  DEVELOPMENT: flag,
  K_SERVICE: z.string().default('local'),
  K_REVISION: z.string().default('local'),
  GOOGLE_CLOUD_PROJECT: z.string().optional(),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** Ten seconds' worth of calls. */
export const defaultBurst = (perMinute: number): number => Math.max(1, Math.ceil(perMinute / 6));

const arrange = ({ REDIS_URL: url, ...env }: z.infer<typeof environment>) => ({
  redis: {
    host: url === undefined ? (env.REDISHOST ?? '127.0.0.1') : url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url === undefined ? env.REDISPORT : Number(url.port || 6379),
    username: url?.username ? decodeURIComponent(url.username) : undefined,
    password: url?.password ? decodeURIComponent(url.password) : env.REDISPASS,
    database: Number(url?.pathname.slice(1) || 0),
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
});

export type Config = ReturnType<typeof arrange>;
export type RedisSettings = Config['redis'];

/** Settings that contradict each other: the setting to change, whether it is wrong, and what it must be. */
const contradictions = (env: z.infer<typeof environment>, given: Environment) => {
  const { redis } = arrange(env);
  const has = (name: string): boolean => given[name] !== undefined;
  const ifUrl = 'left out when REDIS_URL is set: give one or the other';
  const ifIam = 'left out when REDIS_IAM is true';
  const hasCa = has('REDIS_CA') || has('REDIS_CA_SECRET');
  const isPathWrong = !/^\/?\d{0,4}$/.test(env.REDIS_URL?.pathname ?? '');
  return [
    ['REDISHOST', has('REDIS_URL') && has('REDISHOST'), ifUrl],
    ['REDISPORT', has('REDIS_URL') && has('REDISPORT'), ifUrl],
    ['REDISPASS', has('REDIS_URL') && has('REDISPASS'), ifUrl],
    ['REDIS_URL', isPathWrong, 'redis://HOST:PORT/NUMBER, where NUMBER is a logical database'],
    ['REDISPASS', redis.iam && has('REDISPASS'), ifIam],
    ['REDIS_PASSWORD_SECRET', redis.iam && has('REDIS_PASSWORD_SECRET'), ifIam],
    ['REDIS_URL', redis.iam && given.REDIS_URL?.includes('@'), 'without credentials when REDIS_IAM is true'],
    ['REDIS_PASSWORD_SECRET', redis.passwordSecret && redis.password, 'left out when a password is given'],
    ['REDIS_CA_SECRET', redis.caSecret && redis.ca, 'left out when REDIS_CA is given'],
    ['REDIS_TLS', hasCa && !redis.tls, 'true when a CA is given, unless REDIS_URL starts with rediss://'],
    ['REDIS_URL', redis.cluster && redis.database !== 0, 'without a logical database when REDIS_CLUSTER is true'],
  ] as const;
};

/**
 * Checks the settings in `env`. An empty string counts as not set.
 * @throws ConfigError that names the first wrong setting, what it must be, and what it was unless that may be a secret
 */
export const readConfig = (env: Environment): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  // It runs once, which is not worth compiling a parser for.
  const { data, error } = environment.safeParse(given, { jitless: true });
  if (error !== undefined) {
    const [issue] = error.issues;
    const name = String(issue?.path[0]);
    return refuseSetting(name, given[name], issue?.message ?? 'valid');
  }
  const wrong = contradictions(data, given).find(([, isWrong]) => isWrong);
  if (wrong !== undefined) refuseSetting(wrong[0], given[wrong[0]], wrong[2]);
  return arrange(data);
};

let current: Config | undefined;

/** The settings of this process, read and checked at first use. @throws ConfigError */
export const config = (): Config => {
  current ??= readConfig(process.env);
  return current;
};
