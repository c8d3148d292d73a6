import * as z from 'zod';

/** NAME=URL pairs separated by commas: where functions answer that have hosts of their own. */
export const functionUrls = z
  .string()
  .transform((text) => text.split(',').map((pair) => pair.trim().split(/=(.*)/s)))
  .refine(
    (pairs) => pairs.every(([name, url = '']) => name && URL.canParse(url) && /^https?:/.test(url)),
    'NAME=URL pairs separated by commas, such as user-read=https://user-read.example.com',
  )
  .transform((pairs) => new Map(pairs.map(([name = '', url = '']) => [name, new URL(url).origin])))
  .default(new Map());
