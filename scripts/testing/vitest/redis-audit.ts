import { type Reply, respClientOf } from '../resp.ts';

/** The name and value pairs of an entry of ACL LOG. */
const fieldsOf = (entry: Reply): Map<unknown, Reply> => {
  const list = Array.isArray(entry) ? entry : [];
  return new Map(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? null]] : [])));
};

/**
 * What clients asked of these servers and were refused, because Memorystore would refuse it or because it blocks a
 * server (KEYS): one sentence for each such command. It is the servers' own record, so that no test can hide it.
 */
export const auditRedis = async (adminUrls: readonly string[]): Promise<string[]> => {
  const refused = new Map<string, number>();
  for (const adminUrl of adminUrls) {
    const client = respClientOf(adminUrl);
    const entries = await client.send('ACL', 'LOG', 128);
    client.close();
    for (const fields of Array.isArray(entries) ? entries.map(fieldsOf) : []) {
      if (fields.get('reason') !== 'command') continue;
      const name = String(fields.get('object')).toUpperCase();
      refused.set(name, (refused.get(name) ?? 0) + Number(fields.get('count')));
    }
  }
  return [...refused].map(
    ([name, count]) => `${name} was tried (${count} in all): Memorystore refuses it, or it blocks the server.`,
  );
};
