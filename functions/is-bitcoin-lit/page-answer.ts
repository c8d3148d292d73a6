import { type RangeHours, readRange } from '../../shared/domain/bitcoin/history.ts';
import { summary } from '../../shared/domain/bitcoin/summary.ts';
import { readSummary } from '../../shared/domain/bitcoin/summary-cache.ts';
import { type Answer, okContent, okPage } from '../../shared/http/answer.ts';
import type { Context } from '../../shared/http/call.ts';
import { compressed } from '../../shared/http/negotiation.ts';
import { feedNote } from '../../shared/page/feed-note.ts';
import type { Page } from '../../shared/page/html.ts';
import { Problem } from '../../shared/problems/problem.ts';

export const IMAGE_TYPE = 'image/svg+xml';

/** How long the page may wait for Redis, the summary and the history together. */
const PATIENCE_MS = 800;
/** Not `no-store`: with that a browser would not keep the page for its back button. */
const CACHE_CONTROL = 'private, no-cache';

/** What a browser gets that asks for text/html. The page is loaded by the first that does. */
export const answerPage = async (hours: RangeHours, context: Context): Promise<Answer<200, string>> => {
  const startedMs = performance.now();
  // Loaded while Redis is asked.
  const page = import('./page/bitcoin-page.ts');
  // No ETag: the page says how old the data is, so it is a new one each second.
  const answer = (rendered: Page) =>
    compressed(okPage(rendered, { headers: { 'cache-control': CACHE_CONTROL } }), context.acceptEncoding);
  try {
    const { json, latestMs, status } = await readSummary(Date.now());
    const { renderPage } = await page;
    const patienceMs = Math.max(0, PATIENCE_MS - (performance.now() - startedMs));
    return await answer(
      renderPage({
        summary: summary.parse(JSON.parse(json)),
        history: await readRange(hours, latestMs, patienceMs),
        hours,
        isCutOff: status === 'stale',
        origin: context.origin,
        note: feedNote(),
      }),
    );
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'not-found') throw error;
    // A page that says so is no error, and it renews itself.
    return answer((await page).renderEmptyPage());
  }
};

/** The answer as an image, shown where the page's address is shared. */
export const answerImage = async (_input: unknown, context: Context): Promise<Answer<200, string>> => {
  const { renderShareImage } = await import('./page/share-image.ts');
  const { json, latestMs, status } = await readSummary(Date.now());
  const history = await readRange(24, latestMs, status === 'stale' ? 0 : PATIENCE_MS);
  const image = renderShareImage(summary.parse(JSON.parse(json)), history);
  const headers = { 'cache-control': 'public, max-age=60' };
  return compressed(okContent(IMAGE_TYPE, image, { headers }), context.acceptEncoding);
};
