/** Where one function answers, and the identity token that its callers need. */
export interface Target {
  readonly url: string;
  readonly token?: string | undefined;
  /** What every request to it carries. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body parsed; undefined when it is not JSON. */
  readonly json: unknown;
}

interface Request {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Leave the identity token out. */
  readonly isAnonymous?: boolean;
}

/** Long enough for a cold start and a whole refresh. */
const TIMEOUT_MS = 40_000;

export const requestTo = (
  { url, token, headers: own }: Target,
  method: string,
  path: string,
  { body, headers, isAnonymous }: Request = {},
) =>
  fetch(new URL(path, url), {
    method,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && !isAnonymous && { authorization: `Bearer ${token}` }),
      ...own,
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Sends one request and checks the status of its answer. @throws Error that says what came instead */
export const call = async (
  target: Target,
  method: string,
  path: string,
  wanted: number | readonly number[],
  request: Request = {},
): Promise<Reply> => {
  const answer = await requestTo(target, method, path, request);
  const text = await answer.text();
  if (![wanted].flat().includes(answer.status)) {
    throw new Error(`${method} ${path} answered ${answer.status}, not ${wanted}: ${text.slice(0, 300)}`);
  }
  return { status: answer.status, headers: answer.headers, text, json: parse(text) };
};
