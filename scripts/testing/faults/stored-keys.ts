/** Every key that a route may write. */
const OWNED_KEY =
  /^(\{(users|counters|items|samples|lock)[:}]|cache:|limit:|kept:\{[\w-]{43}\}$|kept-tag:(users|items|samples)$)/;

/** The keys in a reply to KEYS that no route may write. */
export const foreignKeys = (reply: unknown): string[] =>
  Array.isArray(reply) ? reply.map(String).filter((key) => !OWNED_KEY.test(key)) : ['no reply'];
