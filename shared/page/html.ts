import { hash } from 'node:crypto';

/** Text that is already markup, so it is not escaped again. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = Markup | string | number | false | undefined | readonly Piece[];

const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const render = (piece: Piece): string => {
  if (piece instanceof Markup) return piece.text;
  if (piece === false || piece === undefined) return '';
  if (typeof piece === 'string') return escapeText(piece);
  return typeof piece === 'number' ? String(piece) : piece.map(render).join('');
};

/** Markup from a template. Values are escaped unless they are markup; lists are joined; false and undefined are left out. */
export const html = (strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup =>
  new Markup(strings.reduce((text, string, at) => text + render(pieces[at - 1]) + string));

/** A JSON data block. It escapes `<`, so that no value can close the element. */
export const jsonBlock = (id: string, value: unknown): Markup =>
  new Markup(`<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`);

/** A page, and the headers that it must be sent with. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface DocumentSpec {
  readonly title: string;
  readonly description: string;
  /** Trusted, inlined unescaped, and allowed by its hash in the Content-Security-Policy. */
  readonly style: string;
  /** The same. */
  readonly script?: string;
  /** An SVG. Without an icon, browsers request /favicon.ico. */
  readonly icon: string;
  readonly head?: Markup;
  readonly body: Markup;
  /** Other origins that the script may send requests to. */
  readonly origins?: Iterable<string>;
}

const hashes = new Map<string, string>();

/** Computed once for each text, because the texts are constants. */
const hashSource = (text: string): string => {
  const source = hashes.get(text) ?? `'sha256-${hash('sha256', text, 'base64')}'`;
  hashes.set(text, source);
  return source;
};

/** A whole HTML document that loads nothing, because style, script and icon are inline. */
export const renderDocument = (spec: DocumentSpec): Page => {
  const { title, description, style, script, icon, head, body, origins = [] } = spec;
  const policy = [
    "default-src 'none'",
    `style-src ${hashSource(style)}`,
    ...(script === undefined ? [] : [`script-src ${hashSource(script)}`]),
    // Also without a script, because auditing tools fetch /robots.txt from within the page.
    ["connect-src 'self'", ...origins].join(' '),
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<meta name="description" content="${description}">
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
${head}<style>${new Markup(style)}</style>
${script !== undefined && new Markup(`<script type="module">${script}</script>\n`)}</head>
<body>
${body}
</body>
</html>
`;
  return {
    html: page.text,
    headers: {
      'content-security-policy': policy.join('; '),
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      vary: 'Accept',
    },
  };
};
