import { readDay } from '../../shared/domain/bitcoin/history.ts';
import { summary } from '../../shared/domain/bitcoin/summary.ts';
import { readSummary } from '../../shared/domain/bitcoin/summary-cache.ts';
import { type Answer, okContent } from '../../shared/http/answer.ts';
import { feedNote } from '../../shared/page/feed-note.ts';
import { Problem } from '../../shared/problems/problem.ts';

export const PAGE_TYPE = 'text/html; charset=utf-8';

/** What a browser gets that asks for text/html. The page is loaded by the first that does. */
export const answerPage = async (): Promise<Answer<200, string>> => {
  const { renderEmptyPage, renderPage } = await import('./page/bitcoin-page.ts');
  try {
    const { json, latestMs } = await readSummary(Date.now());
    const { html, headers } = renderPage({
      summary: summary.parse(JSON.parse(json)),
      history: await readDay(latestMs),
      note: feedNote(),
    });
    // No ETag: the page tells how old the data is, so it is a new one each second.
    return okContent(PAGE_TYPE, html, { headers });
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'not-found') throw error;
    const { html, headers } = renderEmptyPage();
    // A page that says so is no error, and it renews itself.
    return okContent(PAGE_TYPE, html, { headers });
  }
};
