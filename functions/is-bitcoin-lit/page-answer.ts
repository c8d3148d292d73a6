import { type RangeHours, readRange } from '../../shared/domain/bitcoin/history.ts';
import { summary } from '../../shared/domain/bitcoin/summary.ts';
import { readSummary } from '../../shared/domain/bitcoin/summary-cache.ts';
import { type Answer, okContent, okPage } from '../../shared/http/answer.ts';
import type { Context } from '../../shared/http/call.ts';
import { compressed } from '../../shared/http/negotiation.ts';
import { feedNote } from '../../shared/page/feed-note.ts';
import { Problem } from '../../shared/problems/problem.ts';

export const IMAGE_TYPE = 'image/svg+xml';

/** How long a page may wait for Redis: for the summary and the history together. */
const PATIENCE_MS = 800;

/** The page as HTML. Its modules are loaded at the first request for it, while Redis answers. */
export const answerPage = async (hours: RangeHours, context: Context): Promise<Answer<200, string>> => {
  const startedMs = performance.now();
  const loading = import('./page/bitcoin-page.ts');
  const render = async () => {
    try {
      const { json, latestMs, status } = await readSummary(Date.now());
      const { renderPage } = await loading;
      const leftMs = Math.max(0, PATIENCE_MS - (performance.now() - startedMs));
      return renderPage({
        summary: summary.parse(JSON.parse(json)),
        history: await readRange(hours, latestMs, leftMs),
        hours,
        isCutOff: status === 'stale',
        origin: context.origin,
        note: feedNote(),
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'not-found') throw error;
      // A normal page, because it fills itself as soon as there is data.
      return (await loading).renderEmptyPage();
    }
  };
  // No ETag: the page says how old its data is, so it changes every second. `no-store` would break the back button.
  const headers = { 'cache-control': 'private, no-cache' };
  return compressed(okPage(await render(), { headers }), context.acceptEncoding);
};

/** The result as an image, for link previews. */
export const answerImage = async (_input: unknown, context: Context): Promise<Answer<200, string>> => {
  const { renderShareImage } = await import('./page/share-image.ts');
  const { json, latestMs, status } = await readSummary(Date.now());
  const history = await readRange(24, latestMs, status === 'stale' ? 0 : PATIENCE_MS);
  const image = renderShareImage(summary.parse(JSON.parse(json)), history);
  const headers = { 'cache-control': 'public, max-age=60' };
  return compressed(okContent(IMAGE_TYPE, image, { headers }), context.acceptEncoding);
};
