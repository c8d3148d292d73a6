import { readFile, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { cloudBuild } from './generate/cloud-build.ts';
import { costTable } from './generate/cost-table.ts';
import { functionsJson } from './generate/functions-json.ts';
import { openApi } from './generate/openapi.ts';
import { pageAssets } from './generate/page-assets.ts';
import { readmeTable } from './generate/readme-table.ts';
import { terraformCombinations } from './generate/terraform-combinations.ts';
import { readOptions } from './local/read-arguments.ts';

const USAGE = `npm run generate -- [--check]
  writes the files that are made from the manifest and the pages
  --check   writes nothing, and fails when one of them is stale`;

/** A file that is made from the manifest. */
interface Generator {
  readonly file: string;
  /** The whole text that the file should have; `current` is what it has, undefined when it is not there. */
  readonly render: (current: string | undefined) => string | Promise<string>;
}

const generators: readonly Generator[] = [
  cloudBuild,
  functionsJson,
  terraformCombinations,
  readmeTable,
  costTable,
  openApi,
  ...pageAssets,
];

const { check: isCheck } = readOptions(USAGE, { check: z.boolean().default(false) });
const read = (file: string) => readFile(file, 'utf8').catch(() => undefined);

const refresh = async ({ file, render }: Generator): Promise<boolean> => {
  const before = await read(file);
  const after = await render(before);
  if (before === after) return true;
  if (!isCheck) await writeFile(file, after);
  process.stdout.write(isCheck ? `${file} is stale: npm run generate\n` : `${file} written\n`);
  return !isCheck;
};

const fresh = await Promise.all(generators.map(refresh));
process.exitCode = fresh.every(Boolean) ? 0 : 1;
