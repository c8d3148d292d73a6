import { type Draft, headersOf, toCurl, toTypeScript, urlOf } from './snippets.ts';

/* Makes the reference work: fills in samples, shows the code for what is typed, sends it, and filters. */

const token = document.querySelector<HTMLInputElement>('#token');
const filter = document.querySelector<HTMLInputElement>('#filter');
const found = document.querySelector('#found');
const operations = [...document.querySelectorAll<HTMLDetailsElement>('.operation')];

const fieldsOf = (operation: Element) => [
  ...operation.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea'),
];

const draftOf = (operation: HTMLDetailsElement): Draft => {
  const { method = '', path = '', server = '', type = '' } = operation.dataset;
  const fields = fieldsOf(operation).filter(({ value }) => value !== '');
  const part = (name: string) =>
    Object.fromEntries(
      fields
        .filter((field) => field.name.startsWith(`${name}.`))
        .map((field) => [field.name.slice(name.length + 1), field.value]),
    );
  return {
    method,
    path,
    base: server || location.origin,
    values: { path: part('path'), query: part('query'), header: part('header') },
    integers: new Set(fields.filter(({ dataset }) => dataset.type === 'integer').map(({ name }) => name)),
    type,
    body: fields.find(({ name }) => name === 'body')?.value ?? '',
    hasToken: token?.value !== '',
  };
};

const write = (operation: Element, selector: string, text: string): void => {
  const element = operation.querySelector(selector);
  if (element !== null) element.textContent = text;
};

const showCode = (operation: HTMLDetailsElement): void => {
  const draft = draftOf(operation);
  write(operation, '.curl', toCurl(draft));
  write(operation, '.typescript', toTypeScript(draft));
};

const pretty = (text: string, type: string): string =>
  text !== '' && /json/.test(type) ? JSON.stringify(JSON.parse(text), null, 2) : text;

const block = (tag: string, text: string): HTMLElement => {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
};

const sent = new WeakMap<Element, AbortController>();

const send = async (operation: HTMLDetailsElement): Promise<void> => {
  const answer = operation.querySelector('.answer');
  if (answer === null) return;
  sent.get(operation)?.abort();
  const abort = new AbortController();
  sent.set(operation, abort);
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
    const body = block('pre', '');
    const head = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    answer.replaceChildren(
      block('h3', `${response.status} ${response.statusText} · ${took} ms`),
      block('pre', head),
      body,
    );
    const type = response.headers.get('content-type') ?? '';
    if (type !== 'text/event-stream') body.textContent = pretty(await response.text(), type);
    else for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) body.append(piece);
  } catch (error) {
    if (abort.signal.aborted) return;
    const why = `No answer: ${error instanceof Error ? error.message : error}.`;
    const remedy =
      ' If this function has another host, its CORS_ORIGINS must name this one; IAM also refuses what a browser asks beforehand, so use curl for private functions.';
    answer.replaceChildren(block('p', draft.base === location.origin ? why : why + remedy));
  }
};

const fill = (operation: HTMLDetailsElement, sample: string): void => {
  const values: Record<string, string> = JSON.parse(sample);
  for (const field of fieldsOf(operation)) field.value = values[field.name] ?? '';
};

const showMatching = (): void => {
  const words = (filter?.value ?? '').toLowerCase().split(/\s+/);
  for (const operation of operations) {
    const text = `${operation.id} ${operation.querySelector('summary')?.textContent}`.toLowerCase();
    const group = operation.closest('section')?.querySelector('h2')?.textContent ?? '';
    operation.hidden = !words.every((word) => text.includes(word) || group.includes(word));
  }
  for (const section of document.querySelectorAll<HTMLElement>('.group')) {
    section.hidden = section.querySelector('.operation:not([hidden])') === null;
  }
  const left = operations.filter(({ hidden }) => !hidden).length;
  if (found !== null)
    found.textContent = left === operations.length ? '' : `${left} of ${operations.length} operations`;
};

for (const operation of operations) {
  operation.addEventListener('toggle', () => {
    if (!operation.open) {
      sent.get(operation)?.abort();
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
