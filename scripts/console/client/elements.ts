/* Lists that are filled in place, so that what is open stays open and what has the focus keeps it. */

/** One element of a list, made from the list's template. */
export interface Row {
  readonly id: string;
  /** Texts by the class of the element that shows each. */
  readonly texts: Readonly<Record<string, string>>;
  /** For the style. */
  readonly state?: string;
}

export const find = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}.`);
  return element;
};

export const setText = (element: Element | null, text: string): void => {
  if (element !== null && element.textContent !== text) element.textContent = text;
};

/** Adds a row that is not there yet, and fills it in. */
export const showRow = (list: Element, { id, texts, state = '' }: Row, isNewestFirst = false): HTMLElement => {
  const [template] = list.children;
  const known = [...list.children].find((each) => each instanceof HTMLElement && each.dataset.id === id);
  const copy = template instanceof HTMLTemplateElement ? template.content.firstElementChild?.cloneNode(true) : null;
  const element = known ?? copy;
  if (!(element instanceof HTMLElement)) throw new Error(`#${list.id} does not begin with a template.`);
  if (known === undefined && isNewestFirst) template?.after(element);
  else if (known === undefined) list.append(element);
  element.dataset.id = id;
  element.dataset.state = state;
  for (const [name, text] of Object.entries(texts)) setText(element.querySelector(`.${name}`), text);
  return element;
};

/** Shows these rows and no others. @returns their elements */
export const showRows = (list: Element, rows: readonly Row[]): readonly HTMLElement[] => {
  const ids = new Set(rows.map(({ id }) => id));
  for (const each of [...list.children]) {
    if (each instanceof HTMLElement && each.dataset.id !== undefined && !ids.has(each.dataset.id)) each.remove();
  }
  return rows.map((row) => showRow(list, row));
};
