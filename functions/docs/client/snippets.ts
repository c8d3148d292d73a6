/** A request as the form describes it. Values are text, as they were typed. */
export interface Draft {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  /** Where it goes, without a slash at the end. */
  readonly base: string;
  readonly values: { readonly path: Values; readonly query: Values; readonly header: Values };
  readonly integers: ReadonlySet<string>;
  readonly type: string;
  readonly body: string;
  readonly hasToken: boolean;
}

type Values = Readonly<Record<string, string>>;

export const urlOf = ({ base, path, values }: Draft): string => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values.path[name] ?? ''));
  const search = new URLSearchParams(values.query).toString();
  return base + (search === '' ? filled : `${filled}?${search}`);
};

/** Its headers but for the token, which stands in no text that is shown. */
export const headersOf = ({ values, type, body }: Draft): Record<string, string> => ({
  ...(body !== '' && { 'content-type': type }),
  ...values.header,
});

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const compact = (json: string): string => {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
};

export const toCurl = (draft: Draft): string =>
  [
    'curl',
    ...(draft.method === 'GET' ? [] : [`-X ${draft.method}`]),
    quote(urlOf(draft)),
    ...Object.entries(headersOf(draft)).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(draft.hasToken ? ['-H "authorization: Bearer $(gcloud auth print-identity-token)"'] : []),
    ...(draft.body === '' ? [] : [`-d ${quote(compact(draft.body))}`]),
  ].join(' ');

const bare = (json: string): string => json.replace(/^(\s*)"([A-Za-z_]\w*)":/gm, '$1$2:');

/** The same call with the project's own client. */
export const toTypeScript = (draft: Draft): string => {
  const typed = (part: 'path' | 'query') =>
    Object.fromEntries(
      Object.entries(draft.values[part]).map(([name, value]) => {
        const isNumber = draft.integers.has(`${part}.${name}`) && /^\d{1,15}$/.test(value);
        return [name, isNumber ? Number(value) : value];
      }),
    );
  const parts = {
    path: typed('path'),
    query: typed('query'),
    headers: draft.values.header,
  };
  const given = Object.entries(parts).filter(([, values]) => Object.keys(values).length > 0);
  const members = given.map(([name, values]) => `${name}: ${bare(JSON.stringify(values, null, 2))}`);
  if (draft.body !== '') members.push(`body: ${bare(draft.body)}`);
  const options = members.map((member) => `\n  ${member.replaceAll('\n', '\n  ')},`).join('');
  const token = draft.hasToken ? ', { token }' : '';
  return `import type { Api } from './functions/manifest.ts';
import { createClient } from './shared/client.ts';

const client = createClient<Api>('${draft.base}'${token});
const answer = await client('${draft.method} ${draft.path}'${options === '' ? '' : `, {${options}\n}`});`;
};
