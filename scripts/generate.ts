import { readFile, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { cloudBuild } from './generate/cloud-build.ts';
import { costTable } from './generate/cost-table.ts';
import { functionsJson, readmeTable } from './generate/function-lists.ts';
import { openApi } from './generate/openapi.ts';
import { pageAssets } from './generate/page-assets.ts';
import { terraformCombinations } from './generate/terraform-combinations.ts';
import { readOptions } from './local/read-arguments.ts';

const USAGE = `npm run generate -- [--check]
  generates the files that depend on the manifest and the pages
  --check   writes nothing, and fails if a file is out of date`;

interface Generator {
  readonly file: string;
  /** @param current the file's content, or undefined if it does not exist @returns the content that it should have */
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

const generate = async ({ file, render }: Generator): Promise<void> => {
  const before = await readFile(file, 'utf8').catch(() => undefined);
  const after = await render(before);
  if (before === after) return;
  if (isCheck) {
    console.log(`${file} is out of date. Run npm run generate.`);
    process.exitCode = 1;
  } else {
    await writeFile(file, after);
    console.log(`${file} written`);
  }
};

await Promise.all(generators.map(generate));
