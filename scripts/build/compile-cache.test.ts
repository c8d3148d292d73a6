import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startingNode } from './compile-cache.ts';

let machine: string;
beforeEach(async () => {
  machine = await mkdtemp(join(tmpdir(), 'nodes-'));
});
afterEach(() => rm(machine, { recursive: true, force: true }));

/** Creates a folder with a Node of that version. */
const folderWith = async (version: string, name: string): Promise<string> => {
  const folder = join(machine, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'node'), `#!/bin/sh\necho ${version}\n`);
  await chmod(join(folder, 'node'), 0o755);
  return folder;
};

describe('the Node that fills the compile cache', () => {
  it("is the machine's own, which comes after the pinned one on npm's PATH", async () => {
    const pinned = await folderWith('24.21.0', 'project/node_modules/.bin');
    const own = await folderWith('24.22.0', 'bin');
    expect(startingNode([pinned, own].join(delimiter))).toBe(join(own, 'node'));
  });

  it.each(['20.20.2', '26.0.0'])('is the pinned one if the machine has %s', async (version) => {
    expect(startingNode(await folderWith(version, 'bin'))).toBe(process.execPath);
  });

  it('is the pinned one if the machine has none', () => {
    expect(startingNode(join(machine, 'empty'))).toBe(process.execPath);
  });
});
