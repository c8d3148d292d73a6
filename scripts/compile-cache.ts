/**
 * What V8 compiled at build time, in a folder of `dist/`: with these in the environment a start spares the compiling,
 * the framework's own files included. Node keeps it apart by version, processor and user: where one of them differs,
 * a start compiles as if there were none. Google's images build and run as the same user (33).
 * @param root folder that holds `dist/`
 */
export const compileCache = (root: string): Readonly<Record<string, string>> => ({
  NODE_COMPILE_CACHE: `${root}/dist/compile-cache`,
  NODE_COMPILE_CACHE_PORTABLE: '1',
});
