import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { readArguments } from './local/read-arguments.ts';

/* `npm run licences`: each deployed package with its version and licence, from the lock file. */

const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().default(''),
      license: z.string().default('unknown'),
      dev: z.boolean().default(false),
      integrity: z.string().optional(),
    }),
  ),
});

/** The packages that are deployed with the functions, sorted by name. */
export const deployedLicences = (path = 'package-lock.json') => {
  const { packages } = lock.parse(JSON.parse(readFileSync(path, 'utf8')));
  return Object.entries(packages)
    .filter(([folder, { dev }]) => folder !== '' && !dev)
    .map(([folder, { version, license: licence, integrity }]) => ({
      name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence,
      // With a checksum, npm refuses to install anything else.
      hasChecksum: integrity !== undefined,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
};

if (import.meta.main) {
  readArguments('npm run licences\n  lists each deployed package with its version and licence', {});
  const licences = deployedLicences();
  for (const { name, version, licence } of licences) console.log(`${licence.padEnd(16)} ${name} ${version}`);
  const kinds = Map.groupBy(licences, ({ licence }) => licence);
  console.log([...kinds].map(([licence, { length }]) => `${licence}: ${length}`).join(', '));
}
