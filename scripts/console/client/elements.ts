/* What the console is made of, and how its figures read. */

export const find = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}.`);
  return element;
};

export const make = (tag: string, className: string, text = ''): HTMLElement => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};

export const setText = (element: Element | null, text: string): void => {
  if (element !== null && element.textContent !== text) element.textContent = text;
};

/** The child of `parent` for `id`, made when it is not there yet. */
export const child = (parent: Element, id: string, create: () => HTMLElement, isNewestFirst = false): HTMLElement => {
  const known = [...parent.children].find((each) => each instanceof HTMLElement && each.dataset.id === id);
  if (known instanceof HTMLElement) return known;
  const fresh = create();
  fresh.dataset.id = id;
  if (isNewestFirst) parent.prepend(fresh);
  else parent.append(fresh);
  return fresh;
};

/** Takes away the children whose ids are not among these. */
export const keepOnly = (parent: Element, ids: ReadonlySet<string>): void => {
  for (const each of [...parent.children]) {
    if (each instanceof HTMLElement && !ids.has(each.dataset.id ?? '')) each.remove();
  }
};

export const bytes = (count: number): string =>
  count < 1_000 ? `${count} B` : count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
export const clock = (time: string): string => new Date(time).toLocaleTimeString('en-GB');
export const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
/** A stream may last for minutes. */
export const duration = (ms: number): string => (ms < 10_000 ? `${ms} ms` : `${Math.round(ms / 1_000)} s`);
export const ttl = (ms: number | null): string => (ms === null ? 'no TTL' : `TTL ${Math.ceil(ms / 1_000)} s`);

const pretty = (text: string): string => {
  const at = text.indexOf('\n\n');
  const [head, body] = at < 0 ? ['', text] : [text.slice(0, at + 2), text.slice(at + 2)];
  try {
    return head + JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return text;
  }
};

export const row = (parts: readonly string[]): HTMLDetailsElement => {
  const details = document.createElement('details');
  const summary = make('summary', '');
  summary.append(...parts.map((name) => make('span', name)));
  details.append(summary);
  return details;
};

export const fill = (element: Element, values: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(values)) setText(element.querySelector(`.${name}`), text);
};

export const block = (title: string, text: string): HTMLElement => {
  const figure = make('div', 'block');
  const pre = make('pre', '', pretty(text));
  pre.tabIndex = 0;
  pre.role = 'group';
  pre.ariaLabel = title;
  figure.append(make('h3', '', title), pre);
  return figure;
};
