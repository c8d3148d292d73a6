import { build } from 'esbuild';

/** How far back the pages' syntax goes: nesting, `:has` and `Map.groupBy` came by then. */
const TARGET = ['chrome120', 'firefox121', 'safari17.4'];

/** A style sheet or a script with all that it imports, small enough to be sent within a page. */
export const bundleText = async (entry: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    target: TARGET,
    format: 'esm',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const text = outputFiles[0]?.text.trim() ?? '';
  if (text.includes('</s')) throw new Error(`${entry} holds the end of a style or script element`);
  return text;
};

const assetsOf = (folder: string, style: string, script?: string) => ({
  file: `${folder}/assets.json`,
  render: async () => {
    const assets = {
      style: await bundleText(`${folder}/${style}`),
      ...(script !== undefined && { script: await bundleText(`${folder}/${script}`) }),
    };
    return `${JSON.stringify(assets, null, 2)}\n`;
  },
});

/**
 * Style and script of each page as texts, small, and committed: so a page needs no build step when it is run from
 * source, reads no file, and its script is type-checked against the browser's own types.
 */
export const pageAssets = [
  assetsOf('shared/page', 'text.css'),
  assetsOf('functions/is-bitcoin-lit/page', 'page.css', 'client/main.ts'),
  assetsOf('functions/docs', 'docs.css', 'client/try-it.ts'),
];
