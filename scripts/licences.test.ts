import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deployedLicences } from './licences.ts';

/** They require the licence text to be kept, and nothing else. */
const PERMISSIVE = /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-3\.0|Unlicense)$/;

const pinned = z.record(z.string(), z.string());

describe('the deployed packages', () => {
  it('have permissive licences only', () => {
    const isFree = ({ licence }: { licence: string }) =>
      licence
        .replace(/[()]/g, '')
        .split(' OR ')
        .some((choice) => PERMISSIVE.test(choice));
    const others = deployedLicences().filter((each) => !isFree(each));
    expect(others).toEqual([]);
  });

  it('are pinned: an exact version for each dependency, a checksum for each package', () => {
    const { dependencies } = z.object({ dependencies: pinned }).parse(JSON.parse(readFileSync('package.json', 'utf8')));
    expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    const unchecked = deployedLicences().filter(({ hasChecksum }) => !hasChecksum);
    expect(unchecked).toEqual([]);
  });
});
