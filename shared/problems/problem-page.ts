import assets from '../page/assets.json' with { type: 'json' };
import { html, type Markup, type Page, renderDocument } from '../page/html.ts';
import { type Problem, type ProblemCode, problems } from './problem.ts';

/** What a caller can do about a problem. */
const advice: Readonly<Record<ProblemCode, string>> = {
  'malformed-json': 'Send JSON in UTF-8. The detail names the place where reading it failed.',
  'invalid-request': 'Compare the request with the documentation. `errors` names each fault and where it is.',
  'not-found': 'Check the path. Where it names one thing, that thing is not stored, or not any more.',
  'method-not-allowed': 'Use one of the methods that the Allow header lists.',
  conflict: 'What is stored does not allow this. The detail says why; the same request will fail again.',
  'precondition-failed': 'The value has changed. Get the current one and its ETag, decide again, and retry.',
  'payload-too-large': 'A body may hold 1 MiB and 64 KiB, also after decompression. Send less, or in parts.',
  'unsupported-media-type': 'Send the body as application/json, and name that in Content-Type.',
  'rate-limited': 'Wait as many seconds as Retry-After says. The RateLimit header shows how much is left.',
  internal: 'The fault is on this side, and it has been logged. Quote the request_id when you report it.',
  'feed-invalid': 'The source of the Bitcoin data answered something unusable. What is stored stays; try again later.',
  'feed-unavailable': 'The source of the Bitcoin data refuses or fails. What is stored stays; try again later.',
  'redis-unavailable': 'The database does not answer. What was stored before is safe: retry after a second.',
  'too-many-streams': 'Close a stream that is not needed, or wait as many seconds as Retry-After says.',
  'feed-timeout': 'The source of the Bitcoin data is too slow. What is stored stays; try again later.',
};

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.5" fill="none" stroke="#8b8f9a" stroke-width="2.5"/></svg>';

const LINKS = html`<ul class="links"><li><a href="/">Home</a></li><li><a href="/docs">API reference</a></li></ul>`;

/** Tries once more when it is time; a page in the background waits until it is seen. */
const RETRY = `const { retry } = document.querySelector('main').dataset;
const again = () => document.hidden ? document.addEventListener('visibilitychange', again, { once: true }) : location.reload();
setTimeout(again, retry * 1000);`;

/** More than these would fill a page that must stay short. */
const MAX_SHOWN = 5;

/** @param lead what stands below the title */
const pageOf = (code: ProblemCode, lead: string, rest: Markup, retry?: string): Page => {
  const { title, status } = problems[code];
  return renderDocument({
    title: `${title} · ${status}`,
    description: advice[code],
    style: assets.style,
    ...(retry !== undefined && { script: RETRY }),
    icon: ICON,
    body: html`<main${retry !== undefined && html` data-retry="${retry}"`}>
<p class="kicker">Problem ${status}</p>
<h1>${title}<span class="dot" aria-hidden="true"></span></h1>
<p class="lead">${lead}</p>
${rest}
${LINKS}
</main>`,
  });
};

/** One kind of problem as a page for people. */
export const renderProblemType = (code: ProblemCode): Page => {
  const facts = html`<dl class="facts">
<dt>Type</dt><dd><code>/problems/${code}</code></dd>
<dt>Status</dt><dd>${problems[code].status}</dd>
<dt>Media type</dt><dd><code>application/problem+json</code>, as RFC 9457 describes it</dd>
<dt>Fields</dt><dd><code>type</code>, <code>title</code>, <code>status</code>, <code>detail</code>, <code>request_id</code>, and <code>errors</code> where the input has faults</dd>
</dl>`;
  return pageOf(code, advice[code], facts);
};

/**
 * A problem that a request met, as a page for people: what happened, what to do, where to go.
 * @param retry whole seconds until the page tries again by itself; undefined when it must not
 */
export const renderProblem = ({ code, message, errors = [] }: Problem, requestId: string, retry?: string): Page => {
  const seconds = retry === '1' ? 'second' : 'seconds';
  const facts = html`<p class="notice">${advice[code]}</p>
${retry !== undefined && html`<p class="notice" role="status">This page tries again in ${retry} ${seconds}. <a href="">Try now</a></p>`}
<dl class="facts">
${errors.slice(0, MAX_SHOWN).map(({ path, message }) => html`<dt><code>${path}</code></dt><dd>${message}</dd>`)}
<dt>Problem</dt><dd><a href="/problems/${code}">${code}</a></dd>
<dt>Request</dt><dd><code>${requestId}</code></dd>
</dl>`;
  return pageOf(code, message, facts, retry);
};
