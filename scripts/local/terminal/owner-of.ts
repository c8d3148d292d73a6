import { manifest } from '../../../functions/manifest.ts';
import { Router } from '../../../shared/http/router.ts';

const router = new Router(manifest, []);

/** The name of the function that serves this; none for what every function answers, and for what is not there. */
export const ownerOf = (method: string, url: string): string => {
  try {
    return router.find(method, url.split('?')[0] ?? '').owner?.name ?? '';
  } catch {
    return '';
  }
};
