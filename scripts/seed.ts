import type * as z from 'zod';
import type { Api } from '../functions/manifest.ts';
import { type Client, createClient } from '../shared/client.ts';
import { config } from '../shared/config/config.ts';
import { putUser, type userInput } from '../shared/domain/documents/users.ts';
import { closeRedis } from '../shared/redis/index.ts';
import { readArguments, readEnvFile, runCommand } from './local/read-arguments.ts';

/* `npm run seed`: sample users. What is there already stays as it is. */

const USAGE = `npm run seed [-- URL [--token=IDENTITY_TOKEN]]
  writes the sample users 1, 2 and 3 that are missing, into the Redis of the settings or through the functions at URL`;

const samples: readonly z.infer<typeof userInput>[] = [
  {
    name: 'Paul John',
    email: 'paul.john@example.com',
    age: 42,
    city: 'London',
    height: 1.78,
    weight: 74.5,
    gender: true,
  },
  {
    name: 'Eden Zamir',
    email: 'eden.zamir@example.com',
    age: 29,
    city: 'Tel Aviv',
    height: 1.66,
    weight: 58,
    gender: false,
  },
  {
    name: 'Paul Zamir',
    email: 'paul.zamir@example.com',
    age: 35,
    city: 'Tel Aviv',
    height: 1.81,
    weight: 80,
    gender: null,
  },
];

/** Writes a user where there is none. @returns whether it did */
type AddUser = (id: number, user: z.infer<typeof userInput>) => Promise<boolean>;

const addToRedis: AddUser = async (id, user) => (await putUser(id, user, { kind: 'absent' })).result === 'created';

/** For a Redis that only the functions reach, such as Memorystore. */
export const addThrough =
  (client: Client<Api>): AddUser =>
  async (id, body) => {
    const answer = await client('PUT /users/{id}', { path: { id }, body, headers: { 'if-none-match': '*' } });
    if (answer.ok || answer.status === 412) return answer.ok;
    throw new Error(`${answer.url} answered ${answer.status}: ${answer.body.detail}`);
  };

/** Writes the sample users 1, 2, 3 that are missing. @returns how many were written */
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
    // A wrong setting says so itself; met later it would look like a Redis that is away.
    if (url === undefined) config();
    const written = await seedUsers(url === undefined ? undefined : addThrough(createClient<Api>(url, values)));
    console.log(`${written} of ${samples.length} sample users written; the others were there and stay as they are.`);
  });
  await closeRedis();
}
