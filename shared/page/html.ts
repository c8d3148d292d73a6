import { hash } from 'node:crypto';

/** Text that is markup already, so that it is not escaped a second time. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = Markup | string | number | false | undefined | readonly Piece[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

const render = (piece: Piece): string => {
  if (piece instanceof Markup) return piece.text;
  if (piece === false || piece === undefined) return '';
  if (typeof piece === 'string') return escapeText(piece);
  return typeof piece === 'number' ? String(piece) : piece.map(render).join('');
};

/** Markup from a template; every value in it is escaped unless it is markup itself. Lists are joined, false is nothing. */
export const html = (strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup =>
  new Markup(strings.reduce((text, string, at) => text + render(pieces[at - 1]) + string));

/** A value as a JSON data block; `<` is escaped, so nothing in it can end the block. */
export const jsonBlock = (id: string, value: unknown): Markup =>
  new Markup(`<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`);

/** A page and the headers without which it must not be sent. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface DocumentSpec {
  readonly title: string;
  readonly description: string;
  /** A style sheet and a script of the project's own; the policy names them by their hashes. */
  readonly style: string;
  readonly script?: string;
  /** The icon as SVG. A page without one makes browsers ask for /favicon.ico. */
  readonly icon: string;
  readonly head?: Markup;
  readonly body: Markup;
  /** Origins beside its own that the page's script may send requests to. */
  readonly origins?: Iterable<string>;
}

const hashes = new Map<string, string>();

/** Hashed once: the texts are constants. */
const hashSource = (text: string): string => {
  const known = hashes.get(text);
  if (known !== undefined) return known;
  const source = `'sha256-${hash('sha256', text, 'base64')}'`;
  hashes.set(text, source);
  return source;
};

/** Headers of every page: nothing from elsewhere, nothing inline but what is named, no framing. */
const pageHeaders = (allow: readonly string[]): Record<string, string> => ({
  'content-security-policy': [
    "default-src 'none'",
    ...allow,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  vary: 'Accept',
});

/** A whole HTML document that loads nothing: style, script and icon are in it. */
export const renderDocument = ({
  title,
  description,
  style,
  script,
  icon,
  head,
  body,
  origins = [],
}: DocumentSpec): Page => {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<meta name="description" content="${description}">
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
${head}`.text;
  const scripts = script === undefined ? '' : `<script type="module">${script}</script>\n`;
  return {
    html: `${page}<style>${style}</style>\n${scripts}</head>\n<body>\n${body.text}\n</body>\n</html>\n`,
    headers: pageHeaders([
      `style-src ${hashSource(style)}`,
      ...(script === undefined ? [] : [`script-src ${hashSource(script)}`]),
      // On pages without a script as well: auditors ask for /robots.txt from within the page.
      ["connect-src 'self'", ...origins].join(' '),
    ]),
  };
};
