import { config } from './config/config.ts';

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 } as const;
const SEVERITY = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' } as const;

type Level = keyof typeof LEVELS;
type Fields = Readonly<Record<string, unknown>>;

/** Part of every log line of a request, so that Cloud Logging shows the lines together. */
export interface RequestTrace {
  readonly requestId: string;
  /** 32 hexadecimal digits, if the client or Google's front end sent a trace. */
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly sampled?: boolean | undefined;
}

/** Undefined fields are left out of the JSON. */
const traceFields = (trace: RequestTrace | undefined): Fields => {
  if (trace === undefined) return {};
  const { requestId, traceId, spanId, sampled } = trace;
  const { projectId } = config();
  return {
    request_id: requestId,
    'logging.googleapis.com/trace': projectId && traceId ? `projects/${projectId}/traces/${traceId}` : traceId,
    'logging.googleapis.com/spanId': spanId,
    'logging.googleapis.com/trace_sampled': sampled,
  };
};

/** Escaped as in JSON. Only the newest are kept, because access tokens are replaced again and again. */
const secrets = new Set<string>();
const MAX_SECRETS = 32;
/** Shorter texts are too common in log lines, and too short for a secret. */
const MIN_SECRET_LENGTH = 6;

const hideSecrets = (line: string): string => {
  let shown = line;
  for (const secret of secrets) shown = shown.replaceAll(secret, '[hidden]');
  return shown;
};

let overriddenLevel: Level | undefined;

const write = (level: Level, message: string, fields: Fields, trace?: RequestTrace): void => {
  if (LEVELS[level] < LEVELS[overriddenLevel ?? config().logLevel]) return;
  const line = { severity: SEVERITY[level], message, time: new Date().toISOString(), ...traceFields(trace), ...fields };
  process.stdout.write(`${hideSecrets(JSON.stringify(line))}\n`);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));

/** The messages of an error's causes. */
const causesOf = (error: unknown, most = 5): string[] => {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined || most === 0 ? [] : [messageOf(cause), ...causesOf(cause, most - 1)];
};

/** Writes one JSON object per line to stdout, in the format of Cloud Logging and Error Reporting. */
export const log = {
  info: (message: string, fields: Fields = {}, trace?: RequestTrace) => write('info', message, fields, trace),
  warn: (message: string, fields: Fields = {}, trace?: RequestTrace) => write('warn', message, fields, trace),
  /** Reports an error, with its stack, to Error Reporting. Only for errors that somebody should look into. */
  error: (error: unknown, fields: Fields = {}, trace?: RequestTrace) => {
    const { service, revision } = config();
    const event = {
      '@type': 'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent',
      serviceContext: { service, version: revision },
      stack_trace: error instanceof Error ? error.stack : undefined,
      causes: causesOf(error),
    };
    write('error', messageOf(error), { ...event, ...fields }, trace);
  },
  /** Writes the line that explains why the process cannot start, whatever the log level. */
  fatal: (message: string) => {
    process.stderr.write(`${message}\n`);
  },
  /** Removes a secret of 6 characters or more from all later lines. The error message of a server may contain it. */
  hide: (secret: string) => {
    if (secret.length < MIN_SECRET_LENGTH) return;
    secrets.add(JSON.stringify(secret).slice(1, -1));
    const [oldest] = secrets;
    if (secrets.size > MAX_SECRETS && oldest !== undefined) secrets.delete(oldest);
  },
  causesOf,
  /** Replaces LOG_LEVEL; undefined restores it. */
  overrideLevel: (level: Level | undefined): void => {
    overriddenLevel = level;
  },
};
