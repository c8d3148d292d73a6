import { config } from './config/config.ts';

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 } as const;
const SEVERITY = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' } as const;

type Level = keyof typeof LEVELS;
type Fields = Readonly<Record<string, unknown>>;

/** What every log line of one request carries, so that Cloud Logging shows them together. */
export interface RequestTrace {
  readonly requestId: string;
  /** 32 hexadecimal digits of the trace, when the caller or Google's front end sent one. */
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly sampled?: boolean | undefined;
}

const traceFields = (trace: RequestTrace | undefined): Fields => {
  if (trace === undefined) return {};
  const { projectId } = config();
  return {
    request_id: trace.requestId,
    ...(trace.traceId && {
      'logging.googleapis.com/trace': projectId ? `projects/${projectId}/traces/${trace.traceId}` : trace.traceId,
    }),
    ...(trace.spanId && { 'logging.googleapis.com/spanId': trace.spanId }),
    ...(trace.sampled !== undefined && { 'logging.googleapis.com/trace_sampled': trace.sampled }),
  };
};

/** As they would stand in a line of JSON. Access tokens follow one another: those that ended long ago are dropped. */
const secrets = new Set<string>();
const MOST_SECRETS = 32;
/** A shorter one would take words out of every line, and is no secret. */
const LEAST_SECRET_LENGTH = 6;

const hideSecrets = (line: string): string => {
  let shown = line;
  for (const secret of secrets) shown = shown.replaceAll(secret, '[hidden]');
  return shown;
};

let levelInForce: Level | undefined;

const write = (level: Level, message: string, fields: Fields, trace?: RequestTrace): void => {
  if (LEVELS[level] < LEVELS[levelInForce ?? config().logLevel]) return;
  const line = { severity: SEVERITY[level], message, time: new Date().toISOString(), ...traceFields(trace), ...fields };
  process.stdout.write(`${hideSecrets(JSON.stringify(line))}\n`);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));

/** The chain of causes as text. Messages of Redis and of the feed may hold no secret; their values are not logged. */
const causesOf = (error: unknown): string[] => {
  const causes: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause !== undefined && causes.length < 5) {
    causes.push(messageOf(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
};

/** One JSON object a line on stdout, in the form that Cloud Logging and Error Reporting read. */
export const log = {
  info: (message: string, fields: Fields = {}, trace?: RequestTrace) => write('info', message, fields, trace),
  warn: (message: string, fields: Fields = {}, trace?: RequestTrace) => write('warn', message, fields, trace),
  /** An error for Error Reporting, with its stack: only what a person should look at. */
  error: (error: unknown, fields: Fields = {}, trace?: RequestTrace) => {
    const { service, revision } = config();
    const stack = error instanceof Error ? error.stack : undefined;
    write(
      'error',
      messageOf(error),
      {
        '@type': 'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent',
        serviceContext: { service, version: revision },
        ...(stack && { stack_trace: stack }),
        causes: causesOf(error),
        ...fields,
      },
      trace,
    );
  },
  /** The one line with which a start ends that cannot go on; written whatever the level is. */
  fatal: (message: string) => {
    process.stderr.write(`${message}\n`);
  },
  /** Keeps a secret of 6 characters or more out of every line from now on. A server's error may repeat it. */
  hide: (secret: string) => {
    if (secret.length < LEAST_SECRET_LENGTH) return;
    secrets.add(JSON.stringify(secret).slice(1, -1));
    const [oldest] = secrets;
    if (secrets.size > MOST_SECRETS && oldest !== undefined) secrets.delete(oldest);
  },
  causesOf,
  /** Takes the place of LOG_LEVEL; undefined gives it back. */
  overrideLevel: (level: Level | undefined): void => {
    levelInForce = level;
  },
};
