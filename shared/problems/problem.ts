import * as z from 'zod';

/** Every error a caller can meet, by code. RFC 9457's `type` is `/problems/<code>`, on every function. */
export const problems = {
  'malformed-json': { status: 400, title: 'The body is not JSON' },
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'This method is not allowed here' },
  conflict: { status: 409, title: 'The request conflicts with what is stored' },
  'precondition-failed': { status: 412, title: 'A precondition does not hold' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'This media type is not supported' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong here' },
  'feed-invalid': { status: 502, title: 'The feed answered nonsense' },
  'feed-unavailable': { status: 502, title: 'The feed cannot be reached' },
  'redis-unavailable': { status: 503, title: 'Redis cannot be reached' },
  'too-many-streams': { status: 503, title: 'Too many event streams are open' },
  'feed-timeout': { status: 504, title: 'The feed did not answer in time' },
} as const;

export type ProblemCode = keyof typeof problems;

/** How many faults one answer names at most; how many more there are stands in its detail. */
export const MAX_FAULTS = 20;

const fault = z.strictObject({
  path: z.string().meta({ description: 'Where: `body.age`, `path.id`, `query.limit`' }),
  message: z.string().meta({ description: 'What would be right' }),
});

/** The body of every error, as RFC 9457 describes it. */
export const problemSchema = z
  .strictObject({
    type: z
      .string()
      .startsWith('/problems/')
      .meta({ description: '`/problems/<code>`: what to branch on; it can be opened' }),
    title: z.string().min(1),
    status: z.int(),
    detail: z.string().min(1).meta({ description: 'What is wrong and what to do, for people' }),
    request_id: z.string().min(1).meta({ description: 'The id on the log lines of this request' }),
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
  /** Whole seconds until another try makes sense; becomes Retry-After. */
  readonly retryAfterSeconds?: number;
  /** What caused it: logged, never sent. */
  readonly cause?: unknown;
}

/** Bytes of JSON that a text from outside may fill in an answer, so that bad input never makes a long one. */
const MAX_DETAIL_BYTES = 1_024;
export const MAX_PATH_BYTES = 200;
const MAX_MESSAGE_BYTES = 400;

/** `text`, cut where its JSON would be longer than `bytes`. */
export const clip = (text: string, bytes: number): string => {
  if (text.length * 6 <= bytes) return text;
  let clipped = text.slice(0, bytes);
  while (Buffer.byteLength(JSON.stringify(clipped)) > bytes) clipped = clipped.slice(0, clipped.length * 0.9);
  return clipped.length === text.length ? text : `${clipped.toWellFormed()}…`;
};

/**
 * The one error that reaches a caller as it is. `detail` is sent, so it says what to do and nothing of the inside;
 * anything else that is thrown becomes `internal`.
 */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: readonly Fault[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    // It is an answer. Its stack is never read, and would cost a tenth of a refused call.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(clip(detail, MAX_DETAIL_BYTES), { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.errors = options.errors?.slice(0, MAX_FAULTS).map(({ path, message }) => ({
      path: clip(path, MAX_PATH_BYTES),
      message: clip(message, MAX_MESSAGE_BYTES),
    }));
    const { retryAfterSeconds } = options;
    this.headers =
      retryAfterSeconds === undefined
        ? (options.headers ?? {})
        : { ...options.headers, 'retry-after': String(retryAfterSeconds) };
  }

  get status(): number {
    return problems[this.code].status;
  }

  /** The body of RFC 9457, for the request with this id. */
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
