/** Every key of Redis that some route may write. */
export const OWNED_KEY =
  /^(\{(users|counters|items|samples|lock)[:}]|cache:|limit:|kept:\{[\w-]{43}\}$|kept-tag:(users|items|samples)$)/;

/** Those of a reply to KEYS that no route may write. */
export const foreignKeys = (reply: unknown): string[] =>
  Array.isArray(reply) ? reply.map(String).filter((key) => !OWNED_KEY.test(key)) : ['no reply'];
