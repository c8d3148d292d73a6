/* How figures and bodies read. */

export const bytes = (count: number): string =>
  count < 1_000 ? `${count} B` : count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
export const clock = (time: string): string => new Date(time).toLocaleTimeString('en-GB');
export const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
/** A stream may last for minutes. */
export const duration = (ms: number): string => (ms < 10_000 ? `${ms} ms` : `${Math.round(ms / 1_000)} s`);
export const ttl = (ms: number | null): string => (ms === null ? 'no TTL' : `TTL ${Math.ceil(ms / 1_000)} s`);

/** JSON indented, below the head of a message where there is one. */
export const pretty = (text = ''): string => {
  const at = text.indexOf('\n\n');
  const [head, body] = at < 0 ? ['', text] : [text.slice(0, at + 2), text.slice(at + 2)];
  try {
    return head + JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return text;
  }
};
