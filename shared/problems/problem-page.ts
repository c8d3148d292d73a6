import assets from '../page/assets.json' with { type: 'json' };
import { html, type Markup, type Page, renderDocument } from '../page/html.ts';
import { type Problem, type ProblemCode, problems } from './problem.ts';

/** What a caller can do about a problem. */
const advice: Readonly<Record<ProblemCode, string>> = {
  'malformed-json': 'Send JSON in UTF-8. The detail says where parsing failed.',
  'invalid-request': 'Compare the request with the documentation. The errors field lists what is wrong and where.',
  'not-found': 'Check the path. If it names one thing, such as a user, that thing does not exist or has been deleted.',
  'method-not-allowed': 'Use one of the methods in the Allow header.',
  conflict: 'The stored data does not allow this request. The detail says why. The same request will fail again.',
  'precondition-failed': 'The value has changed. Get the current one with its ETag, decide again, and retry.',
  'payload-too-large':
    'A body may have up to 1 MiB plus 64 KiB, before and after decompression. Send less, or split it.',
  'unsupported-media-type': 'Send the body as JSON, with Content-Type: application/json.',
  'rate-limited':
    'Wait for the number of seconds in Retry-After. The RateLimit header shows how many requests are left.',
  internal: 'The error is on the server and has been logged. Quote the request_id when you report it.',
  'feed-invalid': 'The source of the Bitcoin data sent an unusable answer. Stored data is unchanged. Retry later.',
  'feed-unavailable':
    'The source of the Bitcoin data is down or refuses requests. Stored data is unchanged. Retry later.',
  'redis-unavailable': 'The database does not answer. Stored data is safe. Retry in a second.',
  'too-many-streams': 'Close a stream you no longer need, or wait for the number of seconds in Retry-After.',
  'feed-timeout': 'The source of the Bitcoin data is too slow. Stored data is unchanged. Retry later.',
};

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.5" fill="none" stroke="#8b8f9a" stroke-width="2.5"/></svg>';

const LINKS = html`<ul class="links"><li><a href="/">Home</a></li><li><a href="/docs">API reference</a></li></ul>`;

/** Reloads the page when Retry-After is over. A page in the background waits until it is visible. */
const RETRY = `const { retry } = document.querySelector('main').dataset;
const reload = () => document.hidden ? document.addEventListener('visibilitychange', reload, { once: true }) : location.reload();
setTimeout(reload, retry * 1000);`;

/** A longer list would bury the rest of the page. */
const MAX_ERRORS = 5;

/** @param lead the text below the title */
const renderFrame = (code: ProblemCode, lead: string, rest: Markup, retry?: string): Page => {
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

/** The page that explains one kind of problem. */
export const renderProblemType = (code: ProblemCode): Page => {
  const facts = html`<dl class="facts">
<dt>Type</dt><dd><code>/problems/${code}</code></dd>
<dt>Status</dt><dd>${problems[code].status}</dd>
<dt>Media type</dt><dd><code>application/problem+json</code>, as RFC 9457 describes it</dd>
<dt>Fields</dt><dd><code>type</code>, <code>title</code>, <code>status</code>, <code>detail</code>, <code>request_id</code>, and <code>errors</code> when the input is not valid</dd>
</dl>`;
  return renderFrame(code, advice[code], facts);
};

/**
 * The page for a request that failed: what happened, what to do, where to go.
 * @param retry whole seconds until the page retries by itself; undefined when it must not
 */
export const renderProblem = ({ code, message, errors = [] }: Problem, requestId: string, retry?: string): Page => {
  const seconds = retry === '1' ? 'second' : 'seconds';
  const facts = html`<p class="notice">${advice[code]}</p>
${retry !== undefined && html`<p class="notice" role="status">This page tries again in ${retry} ${seconds}. <a href="">Try now</a></p>`}
<dl class="facts">
${errors.slice(0, MAX_ERRORS).map(({ path, message }) => html`<dt><code>${path}</code></dt><dd>${message}</dd>`)}
<dt>Problem</dt><dd><a href="/problems/${code}">${code}</a></dd>
<dt>Request</dt><dd><code>${requestId}</code></dd>
</dl>`;
  return renderFrame(code, message, facts, retry);
};
