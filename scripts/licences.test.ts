import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deployedLicences } from './licences.ts';

/** They ask for their notice to be kept, and for nothing else. */
const PERMISSIVE = /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-3\.0|Unlicense)$/;

const pinned = z.record(z.string(), z.string());

describe('what is deployed', () => {
  it('has permissive licences only', () => {
    const isFree = ({ licence }: { licence: string }) =>
      licence
        .replace(/[()]/g, '')
        .split(' OR ')
        .some((choice) => PERMISSIVE.test(choice));
    const others = deployedLicences().filter((each) => !isFree(each));
    expect(others).toEqual([]);
  });

  it('is what the lock file says: each dependency an exact version, each package a checksum', () => {
    const { dependencies } = z.object({ dependencies: pinned }).parse(JSON.parse(readFileSync('package.json', 'utf8')));
    expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    const unchecked = deployedLicences().filter(({ hasChecksum }) => !hasChecksum);
    expect(unchecked).toEqual([]);
  });
});
