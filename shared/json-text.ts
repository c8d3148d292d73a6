declare const holds: unique symbol;

/** Text that is the JSON of a `T`. It is answered as it stands: not parsed, not printed again. */
export type JsonText<T> = string & { readonly [holds]: T };

/**
 * Says what a text holds where only its writer can know: it came out of Redis, or was put together from such texts.
 * Nothing is checked here. The tests check every answer of a route against the route's schema.
 */
export function assumeJson<T>(text: string): JsonText<T>;
export function assumeJson(text: string): string {
  return text;
}

/** `value` as JSON. */
export const printJson = <T>(value: T): JsonText<T> => assumeJson(JSON.stringify(value));
