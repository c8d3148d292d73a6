type Values = Readonly<Record<string, string>>;

/** A request as its form describes it. Values are text, as typed. */
export interface Draft {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly origin: string;
  readonly values: { readonly path: Values; readonly query: Values; readonly header: Values };
  /** The fields that hold integers, such as `path.id`. */
  readonly integers: ReadonlySet<string>;
  /** The media type of the body. */
  readonly type: string;
  readonly body: string;
  readonly hasToken: boolean;
}

export const urlOf = ({ origin, path, values }: Draft): string => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values.path[name] ?? ''));
  const search = new URLSearchParams(values.query);
  return origin + (search.size === 0 ? filled : `${filled}?${search}`);
};

/** Every header but the token, which must not appear in any text on the page. */
export const headersOf = ({ values, type, body }: Draft): Values => ({
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

/** JSON as TypeScript writes it: without quotes around plain names. */
const unquoteNames = (json: string): string => json.replace(/^(\s*)"([A-Za-z_]\w*)":/gm, '$1$2:');

/** The same call with the project's own client. */
export const toTypeScript = ({ method, path, origin, values, integers, body, hasToken }: Draft): string => {
  const typed = (part: 'path' | 'query') =>
    Object.fromEntries(
      Object.entries(values[part]).map(([name, value]) => {
        const isNumber = integers.has(`${part}.${name}`) && /^\d{1,15}$/.test(value);
        return [name, isNumber ? Number(value) : value];
      }),
    );
  const members = Object.entries({ path: typed('path'), query: typed('query'), headers: values.header })
    .filter(([, fields]) => Object.keys(fields).length > 0)
    .map(([name, fields]) => `${name}: ${unquoteNames(JSON.stringify(fields, null, 2))}`);
  if (body !== '') members.push(`body: ${unquoteNames(body)}`);
  const options = members.map((member) => `\n  ${member.replaceAll('\n', '\n  ')},`).join('');
  return `import type { Api } from './functions/manifest.ts';
import { createClient } from './shared/client.ts';

const client = createClient<Api>('${origin}'${hasToken ? ', { token }' : ''});
const answer = await client('${method} ${path}'${options === '' ? '' : `, {${options}\n}`});`;
};
