type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The function to serve, chosen as the framework does: `--target`, else FUNCTION_TARGET. Apart from the other settings,
 * because the deployed entry needs it before it loads anything else.
 */
export const functionTarget = (argv: readonly string[] = process.argv, env: Environment = process.env): string => {
  const at = argv.findIndex((word) => word === '--target' || word.startsWith('--target='));
  const word = argv[at] ?? '';
  const flagged = word === '--target' ? argv[at + 1] : word.slice('--target='.length);
  return flagged || env.FUNCTION_TARGET || 'function';
};
