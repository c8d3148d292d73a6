import type { Row, View } from '../console-view.ts';

/* Polls the console once a second and updates the page in place: open details stay open, and focus stays put. */

const EVERY_MS = 1_000;

const find = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}.`);
  return element;
};

const setText = (element: Element | null, text: string): void => {
  if (element !== null && element.textContent !== text) element.textContent = text;
};

const fill = (element: HTMLElement, { id, texts, state = '', rows = [] }: Row): void => {
  element.dataset.id = id;
  element.dataset.state = state;
  for (const [name, text] of Object.entries(texts)) setText(element.querySelector(`.${name}`), text);
  const button = element.querySelector('button');
  if (button !== null) {
    button.disabled = state === 'disabled';
    button.ariaPressed = state === 'on' ? 'true' : state === 'off' ? 'false' : null;
  }
  const members = element.querySelector('.members');
  if (members !== null) showRows(members, rows);
};

/** Shows these rows and no others, in this order. The first child of a list is the template of its rows. */
const showRows = (list: Element, rows: readonly Row[]): void => {
  const [template, ...shown] = list.children;
  if (!(template instanceof HTMLTemplateElement)) throw new Error('A list does not begin with a template.');
  const ids = new Set(rows.map(({ id }) => id));
  const known = new Map<string | undefined, HTMLElement>();
  for (const element of shown) {
    if (element instanceof HTMLElement && ids.has(element.dataset.id ?? '')) known.set(element.dataset.id, element);
    else element.remove();
  }
  let last: Element = template;
  for (const row of rows) {
    const element = known.get(row.id) ?? template.content.firstElementChild?.cloneNode(true);
    if (!(element instanceof HTMLElement)) continue;
    if (last.nextElementSibling !== element) last.after(element);
    fill(element, row);
    last = element;
  }
};

const show = ({ lists, texts }: View): void => {
  for (const [id, rows] of Object.entries(lists)) showRows(find(id), rows);
  for (const [id, text] of Object.entries(texts)) setText(find(id), text);
};

/** Loads what an open request or key shows: these texts are too long to send with every view. */
const showDetails = async (element: EventTarget | null): Promise<void> => {
  if (!(element instanceof HTMLDetailsElement) || !element.open || element.querySelector(':scope > pre') === null)
    return;
  const list = element.closest('#requests') === null ? 'keys' : 'requests';
  const response = await fetch(`/${list}?id=${encodeURIComponent(element.dataset.id ?? '')}`);
  const texts: View['texts'] = await response.json();
  for (const [name, text] of Object.entries(texts)) setText(element.querySelector(`.${name}`), text);
};

const press = async (button: EventTarget | null): Promise<void> => {
  if (!(button instanceof HTMLButtonElement)) return;
  const response = await fetch(`/buttons?id=${button.parentElement?.dataset.id}`, { method: 'POST' });
  show(await response.json());
};

const poll = async (): Promise<void> => {
  try {
    if (!document.hidden) {
      show(await (await fetch('/view')).json());
      // An open request may have been answered since the last poll.
      await Promise.all([...document.querySelectorAll('#requests > details[open]')].map(showDetails));
    }
    document.body.dataset.state = 'live';
  } catch {
    document.body.dataset.state = 'lost';
    setText(find('outcome'), 'npm start has stopped or does not respond.');
  }
  setTimeout(poll, EVERY_MS);
};

find('buttons').addEventListener('click', ({ target }) => void press(target));
// The toggle event does not bubble, so listen in the capture phase.
document.addEventListener('toggle', ({ target }) => void showDetails(target), true);
void poll();
