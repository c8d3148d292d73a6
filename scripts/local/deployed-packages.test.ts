import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

/** They require the licence text to be kept, and nothing else. */
const PERMISSIVE = /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-3\.0|Unlicense)$/;

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const { dependencies } = z.object({ dependencies: z.record(z.string(), z.string()) }).parse(readJson('package.json'));
const locked = z.object({
  license: z.string().default('unknown'),
  dev: z.boolean().default(false),
  integrity: z.string().optional(),
});
const { packages } = z.object({ packages: z.record(z.string(), locked) }).parse(readJson('package-lock.json'));
const deployed = Object.entries(packages).filter(([folder, { dev }]) => folder !== '' && !dev);
const foldersWhere = (isWrong: (found: z.infer<typeof locked>) => boolean) =>
  deployed.filter(([, found]) => isWrong(found)).map(([folder, { license }]) => `${folder}: ${license}`);

describe('the deployed packages', () => {
  it('have permissive licences only', () => {
    const choices = (license: string) => license.replace(/[()]/g, '').split(' OR ');
    expect(foldersWhere(({ license }) => !choices(license).some((choice) => PERMISSIVE.test(choice)))).toEqual([]);
  });

  it('are pinned: an exact version for each dependency, a checksum for each package', () => {
    expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(foldersWhere(({ integrity }) => integrity === undefined)).toEqual([]);
  });
});
