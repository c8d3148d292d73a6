import { config } from '../../shared/config/config.ts';
import { html, type Markup, type Page, renderDocument } from '../../shared/page/html.ts';
import assets from './assets.json' with { type: 'json' };
import { ICON } from './index-page.ts';
import document from './openapi.json' with { type: 'json' };
import { prose, renderOperation } from './operation-form.ts';
import { operations } from './operations.ts';

const sectionOf = ({ name, description }: (typeof document.tags)[number]): Markup => html`<section class="group">
<h2>${name}</h2>
<p>${description}</p>
${operations.filter(({ tags: [owner] }) => owner === name).map(renderOperation)}</section>
`;

/** The whole API, to read and to try, from the OpenAPI document. It loads nothing; only its own forms send requests. */
export const renderReference = (): Page =>
  renderDocument({
    title: 'API · Redis functions',
    description: 'Every endpoint of the API, to read and to try.',
    style: assets.style,
    script: assets.script,
    icon: ICON,
    body: html`<header>
<p><a href="/">Redis functions</a></p>
</header>
<main>
<h1>API</h1>
<p class="lead">${prose(document.info.description)}</p>
<p class="links"><a href="/openapi.json">OpenAPI document</a></p>
<form class="tools" role="search">
<div class="field"><label for="filter">Filter</label><input id="filter" type="search" placeholder="users, PUT, cache…" autocomplete="off"></div>
<div class="field"><label for="token">Authorize with an identity token</label><input id="token" type="password" autocomplete="off" aria-describedby="token-help">
<p class="help" id="token-help">For private functions on Google Cloud: <code>gcloud auth print-identity-token</code>. It stays in this page’s memory.</p></div>
</form>
<p id="found" class="help" role="status"></p>
${document.tags.map(sectionOf)}</main>
<noscript><p>Without scripts the reference can be read, but no request can be sent from here.</p></noscript>`,
    origins: new Set(config().functionUrls.values()),
  });
