const header = (description: string, type: 'string' | 'integer' = 'string') => ({ description, schema: { type } });

/** The shared headers, for `components`. */
export const HEADERS = {
  RequestId: header('The trace id of the request, or a generated id'),
  RetryAfter: { description: 'Seconds to wait before the next attempt', schema: { type: 'integer', minimum: 0 } },
  RateLimit: header('What is left of the limit: `"default";r=<calls>;t=<seconds>`'),
  RateLimitPolicy: header('The limit: `"default";q=<calls>;w=<seconds>`'),
  CacheStatus: header('RFC 9211'),
  Age: header('Seconds', 'integer'),
} as const;

const refTo = (name: keyof typeof HEADERS) => ({ $ref: `#/components/headers/${name}` }) as const;

export const REQUEST_ID = { 'X-Request-Id': refTo('RequestId') };
export const RETRY_AFTER = { 'Retry-After': refTo('RetryAfter') };
export const RATE_LIMIT = { RateLimit: refTo('RateLimit'), 'RateLimit-Policy': refTo('RateLimitPolicy') };
export const CACHED = {
  ETag: header('Tag of this version'),
  'Cache-Status': refTo('CacheStatus'),
  Age: refTo('Age'),
};

/** The headers that a route documents for one of its answers. */
export const described = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, description]) => [name, header(description)]));
