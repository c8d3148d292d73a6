import type * as z from 'zod';
import type { Api } from '../functions/manifest.ts';
import { type Client, createClient } from '../shared/client.ts';
import { config } from '../shared/config/config.ts';
import { putUser, type userInput } from '../shared/domain/documents/users.ts';
import { closeRedis } from '../shared/redis/index.ts';
import { readArguments, readEnvFile, runCommand } from './local/read-arguments.ts';

/* `npm run seed`: sample users. It never changes an existing user. */

const USAGE = `npm run seed [-- URL [--token=IDENTITY_TOKEN]]
  writes the sample users 1, 2 and 3 if they are missing, to the configured Redis or through the functions at URL`;

type User = z.infer<typeof userInput>;

const samples: readonly User[] = [
  { name: 'Paul John', age: 42, city: 'London', height: 1.78, weight: 74.5, gender: true },
  { name: 'Eden Zamir', age: 29, city: 'Tel Aviv', height: 1.66, weight: 58, gender: false },
  { name: 'Paul Zamir', age: 35, city: 'Tel Aviv', height: 1.81, weight: 80, gender: null },
].map((user) => ({ ...user, email: `${user.name.toLowerCase().replace(' ', '.')}@example.com` }));

/** Writes a user if there is none. @returns whether it did */
type AddUser = (id: number, user: User) => Promise<boolean>;

const addToRedis: AddUser = async (id, user) => (await putUser(id, user, { kind: 'absent' })).result === 'created';

/** For a Redis that only the functions can reach, such as Memorystore. */
export const addThrough =
  (client: Client<Api>): AddUser =>
  async (id, body) => {
    const answer = await client('PUT /users/{id}', { path: { id }, body, headers: { 'if-none-match': '*' } });
    if (answer.ok || answer.status === 412) return answer.ok;
    throw new Error(`${answer.url} answered ${answer.status}: ${answer.body.detail}`);
  };

/** Writes the sample users 1, 2 and 3 if they are missing. @returns how many it wrote */
export const seedUsers = async (add: AddUser = addToRedis): Promise<number> => {
  const isNew = await Promise.all(samples.map((sample, at) => add(at + 1, sample)));
  return isNew.filter(Boolean).length;
};

if (import.meta.main) {
  const { values, positionals } = readArguments(USAGE, {
    allowPositionals: true,
    options: { token: { type: 'string' } },
  });
  const [url] = positionals;
  readEnvFile();
  await runCommand(async () => {
    // Read the settings first: later, an invalid one would look like an unavailable Redis.
    if (url === undefined) config();
    const written = await seedUsers(url === undefined ? undefined : addThrough(createClient<Api>(url, values)));
    console.log(`${written} of ${samples.length} sample users written. Existing users are unchanged.`);
  });
  await closeRedis();
}
