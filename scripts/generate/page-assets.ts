import { build } from 'esbuild';

/** The first versions with CSS nesting, `:has` and `Map.groupBy`. */
const TARGET = ['chrome120', 'firefox121', 'safari17.4'];

/** Bundles and minifies a style sheet or script, to be inlined in a page. */
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
  if (text.includes('</s')) throw new Error(`${entry} contains </s, which could end the element it is inlined in.`);
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

/** Each page's style and script. They are committed, so that a page needs no build step and reads no file at runtime. */
export const pageAssets = [
  assetsOf('shared/page', 'text.css'),
  assetsOf('functions/is-bitcoin-lit/page', 'page.css', 'client/main.ts'),
  assetsOf('functions/docs', 'docs.css', 'client/try-it.ts'),
];
