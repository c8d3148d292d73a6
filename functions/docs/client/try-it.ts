import { type Draft, headersOf, toCurl, toTypeScript, urlOf } from './snippets.ts';

/* Makes the reference interactive: fills in samples, shows code for the current input, sends it, and filters. */

const token = document.querySelector<HTMLInputElement>('#token');
const filter = document.querySelector<HTMLInputElement>('#filter');
const operations = [...document.querySelectorAll<HTMLDetailsElement>('.operation')];

const fieldsOf = (operation: Element) => [
  ...operation.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea'),
];

const draftOf = (operation: HTMLDetailsElement): Draft => {
  const { method = '', path = '', server = '', type = '' } = operation.dataset;
  const filled = fieldsOf(operation).filter(({ value }) => value !== '');
  const valuesOf = (part: string) =>
    Object.fromEntries(
      filled.filter(({ name }) => name.startsWith(part)).map(({ name, value }) => [name.slice(part.length), value]),
    );
  return {
    method,
    path,
    origin: server || location.origin,
    values: { path: valuesOf('path.'), query: valuesOf('query.'), header: valuesOf('header.') },
    integers: new Set(filled.filter(({ dataset }) => dataset.type === 'integer').map(({ name }) => name)),
    type,
    body: filled.find(({ name }) => name === 'body')?.value ?? '',
    hasToken: token?.value !== '',
  };
};

const write = (parent: ParentNode, selector: string, text: string): void =>
  parent.querySelector(selector)?.replaceChildren(text);

const showCode = (operation: HTMLDetailsElement): void => {
  const draft = draftOf(operation);
  write(operation, '.curl', toCurl(draft));
  write(operation, '.typescript', toTypeScript(draft));
};

const pretty = (text: string, type: string): string =>
  text !== '' && type.includes('json') ? JSON.stringify(JSON.parse(text), null, 2) : text;

const block = (tag: string, text: string): HTMLElement => {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
};

/** The running request of each operation: an event stream has no end of its own. */
const running = new WeakMap<Element, AbortController>();

const send = async (operation: HTMLDetailsElement): Promise<void> => {
  const answer = operation.querySelector('.answer');
  if (answer === null) return;
  running.get(operation)?.abort();
  const abort = new AbortController();
  running.set(operation, abort);
  answer.replaceChildren(block('p', 'Sending…'));
  const draft = draftOf(operation);
  const before = performance.now();
  try {
    const response = await fetch(urlOf(draft), {
      method: draft.method,
      headers: {
        accept: 'application/json',
        ...headersOf(draft),
        ...(draft.hasToken && { authorization: `Bearer ${token?.value}` }),
      },
      ...(draft.body !== '' && { body: draft.body }),
      signal: abort.signal,
    });
    const took = Math.round(performance.now() - before);
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    const body = block('pre', '');
    answer.replaceChildren(
      block('h3', `${response.status} ${response.statusText} · ${took} ms`),
      block('pre', headers),
      body,
    );
    const type = response.headers.get('content-type') ?? '';
    if (type !== 'text/event-stream') body.textContent = pretty(await response.text(), type);
    else for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) body.append(piece);
  } catch (error) {
    if (abort.signal.aborted) return;
    const reason = `No answer: ${error instanceof Error ? error.message : error}.`;
    const advice =
      ' This function has its own host, so its CORS_ORIGINS must name this one. For a private function use curl: IAM refuses the preflight request that browsers send first.';
    answer.replaceChildren(block('p', draft.origin === location.origin ? reason : reason + advice));
  }
};

const fill = (operation: HTMLDetailsElement, sample: string): void => {
  const values: Record<string, string> = JSON.parse(sample);
  for (const field of fieldsOf(operation)) field.value = values[field.name] ?? '';
};

const showMatching = (): void => {
  const words = (filter?.value ?? '').toLowerCase().split(/\s+/);
  for (const operation of operations) {
    const group = operation.closest('section')?.querySelector('h2')?.textContent ?? '';
    const text = `${operation.id} ${operation.querySelector('summary')?.textContent} ${group}`.toLowerCase();
    operation.hidden = !words.every((word) => text.includes(word));
  }
  for (const section of document.querySelectorAll<HTMLElement>('.group')) {
    section.hidden = section.querySelector('.operation:not([hidden])') === null;
  }
  const left = operations.filter(({ hidden }) => !hidden).length;
  write(document, '#found', left === operations.length ? '' : `${left} of ${operations.length} operations`);
};

for (const operation of operations) {
  operation.addEventListener('toggle', () => {
    if (!operation.open) {
      running.get(operation)?.abort();
      return;
    }
    const template = operation.querySelector('template');
    template?.replaceWith(template.content);
    showCode(operation);
  });
  operation.addEventListener('input', ({ target }) => {
    if (target instanceof HTMLSelectElement) fill(operation, target.value);
    showCode(operation);
  });
  operation.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(operation);
  });
}
filter?.addEventListener('input', showMatching);
token?.addEventListener('input', () => operations.filter(({ open }) => open).forEach(showCode));
document.querySelector('.tools')?.addEventListener('submit', (event) => event.preventDefault());

const openLinked = (): void => {
  const linked = operations.find(({ id }) => id === location.hash.slice(1));
  if (linked !== undefined) linked.open = true;
};
addEventListener('hashchange', openLinked);
openLinked();
