import { ICON } from '../../functions/docs/index-page.ts';
import { html, type Page, renderDocument } from '../../shared/page/html.ts';
import { bundleText } from '../generate/page-assets.ts';

const text = (title: string, name: string) =>
  html`<h3>${title}</h3><pre class="${name}" tabindex="0" role="group" aria-label="${title}"></pre>`;
const line = (...names: readonly string[]) =>
  html`<summary>${names.map((name) => html`<span class="${name}"></span>`)}</summary>`;

const FIGURE = html`<template><div><dt class="name"></dt><dd class="figure"></dd></div></template>`;
const BUTTON = html`<template><div><button class="label"></button><span class="reason"></span></div></template>`;
const FUNCTION = html`<template><li><span class="name"></span><span class="state"></span><span class="summary"></span></li></template>`;
const REQUEST = html`<template><details>${line('clock', 'method', 'path', 'status', 'more')}${text('Request', 'sent')}${text('Response', 'got')}</details></template>`;
const KEY = html`<template><details>${line('key', 'about')}${text('Value', 'value')}</details></template>`;
const GROUP = html`<template><details>${line('group', 'more')}<div class="members">${KEY}</div></details></template>`;

/** Bundled on each load. The page is never deployed, so no build output of it is committed. */
export const renderConsole = async (): Promise<Page> =>
  renderDocument({
    title: 'Console',
    description: 'What the local functions and their Redis are doing, with buttons to break things.',
    style: await bundleText('scripts/console/console.css'),
    script: await bundleText('scripts/console/client/console-client.ts'),
    icon: ICON,
    body: html`<main>
<h1>Console<span class="dot" aria-hidden="true"></span></h1>
<p class="lead">Watch the functions on this machine at work. Then break something and see how they respond.</p>
<noscript><p>This page needs JavaScript.</p></noscript>
<section aria-labelledby="try"><h2 id="try">Try</h2><div id="buttons">${BUTTON}</div><p id="outcome" role="status"></p></section>
<section aria-labelledby="now"><h2 id="now">Now</h2><dl id="figures">${FIGURE}</dl></section>
<div class="columns">
<section aria-labelledby="asked"><h2 id="asked">Requests</h2><p id="no-requests"></p><div id="requests">${REQUEST}</div></section>
<section aria-labelledby="stored"><h2 id="stored">Redis keys</h2><p id="cut"></p><div id="keys">${GROUP}</div></section>
</div>
<section aria-labelledby="served"><h2 id="served">Functions</h2><ul id="functions">${FUNCTION}</ul></section>
</main>`,
  });
