import assets from '../page/assets.json' with { type: 'json' };
import { type Page, renderDocument } from '../page/document.ts';
import { html } from '../page/html.ts';
import { type ProblemCode, problems } from './problem.ts';

/** What somebody who meets a problem can do about it. */
const advice: Readonly<Record<ProblemCode, string>> = {
  'malformed-json': 'Send JSON in UTF-8. The detail names the place where reading it failed.',
  'invalid-request': 'Compare the request with the documentation. `errors` names each fault and where it is.',
  'not-found': 'Check the path. Where it names one thing, that thing is not stored, or no longer.',
  'method-not-allowed': 'Use one of the methods that the Allow header lists.',
  conflict: 'What is stored does not allow this. The detail says why; repeating the request will not help by itself.',
  'precondition-failed': 'Somebody else was faster. Get the current value and its ETag, decide again, and retry.',
  'payload-too-large': 'A body may hold 1 MiB, also after decompression. Send less, or in parts.',
  'unsupported-media-type': 'Send the body as application/json, and name that in Content-Type.',
  'rate-limited':
    'Wait as many seconds as Retry-After says. The RateLimit header shows what is left, before it is gone.',
  internal: 'It is not your fault, and it has been noted. Quote the request_id when you report it.',
  'feed-invalid': 'The source of the Bitcoin data answered something unusable. What is stored stays; try again later.',
  'feed-unavailable': 'The source of the Bitcoin data refuses or fails. What is stored stays; try again later.',
  'redis-unavailable': 'The store does not answer. Nothing hangs and nothing is lost: retry after a second.',
  'feed-timeout': 'The source of the Bitcoin data is too slow. What is stored stays; try again later.',
};

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.5" fill="none" stroke="#8b8f9a" stroke-width="2.5"/></svg>';

/** One problem as a page for people. */
export const renderProblemPage = (code: ProblemCode): Page => {
  const { title, status } = problems[code];
  return renderDocument({
    title: `${title} · ${status}`,
    description: advice[code],
    style: assets.style,
    icon: ICON,
    body: html`<p class="kicker">Problem ${status}</p>
<main>
<h1>${title}<span class="dot" aria-hidden="true"></span></h1>
<p class="lead">${advice[code]}</p>
<dl class="facts">
<dt>Type</dt><dd><code>/problems/${code}</code></dd>
<dt>Status</dt><dd>${status}</dd>
<dt>Media type</dt><dd><code>application/problem+json</code>, as RFC 9457 describes it</dd>
<dt>Fields</dt><dd><code>type</code>, <code>title</code>, <code>status</code>, <code>detail</code>, <code>request_id</code>, and <code>errors</code> where the input has faults</dd>
</dl>
</main>`,
  });
};
