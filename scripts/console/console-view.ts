/* What the server of the console sends to its page. The page imports only these types, so this file imports nothing. */

/** One element of a list. The page copies the list's template for it. */
export interface Row {
  readonly id: string;
  /** Text by the class of the element that shows it. */
  readonly texts: Readonly<Record<string, string>>;
  /** Selects the style. A button also takes `disabled`, and `on` or `off` if it is a toggle. */
  readonly state?: string;
  /** The rows of the list inside this element. */
  readonly rows?: readonly Row[];
}

/** Lists and texts, each by the id of its element. What is left out stays as it is. */
export interface View {
  readonly lists: Readonly<Record<string, readonly Row[]>>;
  readonly texts: Readonly<Record<string, string>>;
}
