import { functionTarget } from '../../shared/config/function-target.ts';
import textAssets from '../../shared/page/assets.json' with { type: 'json' };
import { feedNote } from '../../shared/page/feed-note.ts';
import { html, type Markup, type Page, renderDocument } from '../../shared/page/html.ts';
import document from './openapi.json' with { type: 'json' };
import { operationsOf } from './operations.ts';

/** A lit lamp. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#ff7a1a"/></svg>';

/** The paths of a function, each with the methods that it serves there. */
const renderRoutes = (name: string, isHere: boolean): Markup[] =>
  [...Map.groupBy(operationsOf(name), ({ path }) => path)].map(([path, operations]) => {
    const methods = operations.map(({ method }) => method);
    const canOpen = isHere && methods.includes('GET') && !path.includes('{');
    const text = canOpen ? html`<a href="${path}">${path}</a>` : path;
    return html`<li><span>${text}</span><span class="methods">${methods.join(' ')}</span></li>`;
  });

const renderFunction = (tag: (typeof document.tags)[number], isHere: boolean): Markup => {
  const { name, description } = tag;
  const access = 'x-access' in tag && html`<span class="tag">${String(tag['x-access'])}</span>`;
  return html`<section class="function">
<div><h2>${name}${access}</h2><p>${description}</p></div>
<ul class="routes">${renderRoutes(name, isHere)}</ul>
</section>`;
};

/** Every function with its routes, from the OpenAPI document. Paths are links only where this host serves them all. */
export const renderIndex = (): Page => {
  const isHere = functionTarget() === 'api';
  const note = feedNote();
  return renderDocument({
    title: 'Redis functions',
    description: document.info.description,
    style: textAssets.style,
    icon: ICON,
    body: html`<main>
<h1>Redis functions<span class="dot" aria-hidden="true"></span></h1>
<p class="lead">Users, counters, a cache, items and the mood of Bitcoin: small HTTP functions that share one Redis, each deployed on its own.</p>
<ul class="links">${isHere && html`<li><a href="/is-bitcoin-lit">Is Bitcoin lit?</a></li>`}<li><a href="/docs">Try the API</a></li><li><a href="/openapi.json">OpenAPI document</a></li></ul>
${note !== undefined && html`<p class="notice">${note} Everything else is real: what you write is stored in Redis.</p>`}
<div class="functions">${document.tags.map((tag) => renderFunction(tag, isHere))}</div>
</main>
<footer><p>Anyone can call the public functions. The private ones are deployed behind Google’s IAM, which checks the caller’s token before a request arrives. On your own machine nothing checks it.</p></footer>`,
  });
};
