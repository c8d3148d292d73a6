import type * as z from 'zod';
import { config } from '../shared/config/config.ts';
import { putUser, type userInput } from '../shared/domain/documents/users.ts';
import { closeRedis } from '../shared/redis/index.ts';
import { readEnvFile } from './local/env-file.ts';
import { readArguments } from './local/read-arguments.ts';

/* `npm run seed`: sample users into the Redis of the settings. What is there already stays as it is. */

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

/** Writes the sample users 1, 2, 3 that are missing. @returns how many were written */
export const seedUsers = async (): Promise<number> => {
  const results = await Promise.all(samples.map((sample, at) => putUser(at + 1, sample, { kind: 'absent' })));
  return results.filter(({ result }) => result === 'created').length;
};

if (import.meta.main) {
  readArguments(
    'npm run seed\n  writes the sample users 1, 2 and 3 that are missing into the Redis of the settings',
    {},
  );
  readEnvFile();
  try {
    // A wrong setting says so itself; met later it would look like a Redis that is away.
    config();
    const written = await seedUsers();
    console.log(`${written} of ${samples.length} sample users written; the others were there and stay as they are.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
  await closeRedis();
}
