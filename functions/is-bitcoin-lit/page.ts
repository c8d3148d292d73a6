import { readSummary } from '../../shared/domain/summary-cache.ts';
import { type Answer, okJson } from '../../shared/http/answer.ts';

/** What a browser gets that asks for text/html. */
export const answerPage = async (): Promise<Answer> => {
  const { json, etag } = await readSummary(Date.now());
  return okJson(json, { etag, headers: { vary: 'accept' } });
};
