import * as z from 'zod';

/** Every error a client can get, by code. Its `type` in RFC 9457 is `/problems/<code>`, on every function. */
export const problems = {
  'malformed-json': { status: 400, title: 'The body is not JSON' },
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'This method is not allowed here' },
  conflict: { status: 409, title: 'The request conflicts with the stored data' },
  'precondition-failed': { status: 412, title: 'A precondition failed' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'This media type is not supported' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on the server' },
  'feed-invalid': { status: 502, title: 'The feed sent an unusable answer' },
  'feed-unavailable': { status: 502, title: 'The feed cannot be reached' },
  'redis-unavailable': { status: 503, title: 'Redis cannot be reached' },
  'too-many-streams': { status: 503, title: 'Too many event streams are open' },
  'feed-timeout': { status: 504, title: 'The feed did not answer in time' },
} as const;

export type ProblemCode = keyof typeof problems;

/** The most faults that one answer lists. Its detail says how many more there are. */
export const MAX_FAULTS = 20;

const fault = z.strictObject({
  path: z.string().meta({ description: 'Where the fault is: `body.age`, `path.id`, `query.limit`' }),
  message: z.string().meta({ description: 'What was expected' }),
});

/** The body of every error, as RFC 9457 describes it. */
export const problemSchema = z
  .strictObject({
    type: z
      .string()
      .startsWith('/problems/')
      .meta({ description: '`/problems/<code>`: branch on this, or open it for an explanation' }),
    title: z.string().min(1),
    status: z.int(),
    detail: z.string().min(1).meta({ description: 'What is wrong and what to do, for humans' }),
    request_id: z.string().min(1).meta({ description: 'The id of this request in the logs' }),
    errors: z
      .array(fault)
      .max(MAX_FAULTS)
      .optional()
      .meta({ description: `The faults in the input, at most ${MAX_FAULTS}; \`detail\` says how many more there are` }),
  })
  .meta({ id: 'Problem' });

/** One fault in the input. */
export type Fault = Readonly<z.infer<typeof fault>>;
export type ProblemDocument = z.infer<typeof problemSchema>;

interface ProblemOptions {
  readonly errors?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Whole seconds until a retry makes sense; becomes Retry-After. */
  readonly retryAfterSeconds?: number;
  /** Logged, never sent. */
  readonly cause?: unknown;
}

/** The most bytes that each text may take up in the JSON, so that bad input cannot cause a large answer. */
const MAX_DETAIL_BYTES = 1_024;
export const MAX_PATH_BYTES = 200;
const MAX_MESSAGE_BYTES = 400;

/** `text`, cut short when its JSON would exceed `bytes`. */
export const clip = (text: string, bytes: number): string => {
  if (text.length * 6 <= bytes) return text;
  let clipped = text.slice(0, bytes);
  while (Buffer.byteLength(JSON.stringify(clipped)) > bytes) clipped = clipped.slice(0, clipped.length * 0.9);
  return clipped.length === text.length ? text : `${clipped.toWellFormed()}…`;
};

/**
 * The one error that is sent to the client. `detail` says what is wrong and what to do, and must not reveal internals.
 * Anything else that is thrown becomes `internal`.
 */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: readonly Fault[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    const { errors, headers, retryAfterSeconds, cause } = options;
    // A problem is an answer, so nothing reads its stack. Collecting one takes a tenth of the time of a refused request.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(clip(detail, MAX_DETAIL_BYTES), { cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.errors = errors?.slice(0, MAX_FAULTS).map(({ path, message }) => ({
      path: clip(path, MAX_PATH_BYTES),
      message: clip(message, MAX_MESSAGE_BYTES),
    }));
    this.headers = {
      ...headers,
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    };
  }

  get status(): number {
    return problems[this.code].status;
  }

  /** The body as RFC 9457 defines it. */
  toDocument(requestId: string): ProblemDocument {
    const { status, title } = problems[this.code];
    return {
      type: `/problems/${this.code}`,
      title,
      status,
      detail: this.message,
      request_id: requestId,
      ...(this.errors && { errors: [...this.errors] }),
    };
  }
}
