/** One entry of a header such as Accept: what it names, in lower case, and how much it is wanted, 0 to 1. */
const entriesOf = (header: string): Map<string, number> =>
  new Map(
    header.split(',').map((entry) => {
      const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return [name, weight === undefined ? 1 : Math.min(Math.max(Number(weight) || 0, 0), 1)];
    }),
  );

/** How much a header such as Accept or Accept-Encoding wants `name`, 0 to 1; the closest entry decides, `*` last. */
export const quality = (header: string, name: string): number => qualityIn(entriesOf(header), name);

const qualityIn = (entries: Map<string, number>, name: string): number => {
  const family = name.replace(/\/.*/, '/*');
  return entries.get(name) ?? entries.get(family) ?? entries.get('*/*') ?? entries.get('*') ?? 0;
};

/** Whether a page serves this Accept header better than JSON. */
export const prefersHtml = (accept: string): boolean => {
  // Most programs name no text at all.
  if (!/text\//i.test(accept)) return false;
  const entries = entriesOf(accept);
  const html = qualityIn(entries, 'text/html');
  return html > qualityIn(entries, 'application/json') && html >= qualityIn(entries, 'application/problem+json');
};
