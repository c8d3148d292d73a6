import { config } from '../../shared/config/config.ts';
import { html, type Markup, type Page, renderDocument } from '../../shared/page/html.ts';
import assets from './assets.json' with { type: 'json' };
import { ICON } from './index-page.ts';
import document from './openapi.json' with { type: 'json' };
import { answersOf, type Operation, operationsOf, serverOf } from './operations.ts';

/** Plain text with `code` in it. */
const prose = (text: string): Markup[] =>
  text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));

const print = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

type Values = Readonly<Record<string, string>>;
type Sample = Operation['x-examples'][number];
type Parameter = NonNullable<Operation['parameters']>[number];

/** The form's fields with a sample's values, which are read back from its URL. */
const valuesOf = ({ path }: Operation, { url, headers = {}, body }: Sample): Values => {
  const [target = '', search = ''] = url.split('?');
  const sent = target.split('/');
  const values: Record<string, string> = {};
  for (const [at, segment] of path.split('/').entries()) {
    if (segment.startsWith('{')) values[`path.${segment.slice(1, -1)}`] = decodeURIComponent(sent[at] ?? '');
  }
  for (const [name, value] of new URLSearchParams(search)) values[`query.${name}`] = value;
  for (const [name, value] of Object.entries(headers)) values[`header.${name}`] = value;
  if (body !== undefined) values.body = print(body);
  return values;
};

const renderField = (id: string, parameter: Parameter, values: Values): Markup => {
  const { name, in: part, required = false, description, schema } = parameter;
  const field = `${part}.${name}`;
  const help = description !== undefined && html`<p class="help" id="${id}-${field}-help">${prose(description)}</p>`;
  return html`<div class="field"><label for="${id}-${field}"><code>${name}</code> <span class="kind">${part}${required && ', required'}</span></label>
<input id="${id}-${field}" name="${field}" data-type="${schema.type ?? 'string'}" value="${values[field]}" placeholder="${String(schema.default ?? '')}" autocomplete="off" spellcheck="false"${required && html` required`}${help && html` aria-describedby="${id}-${field}-help"`}>
${help}</div>
`;
};

const renderForm = (operation: Operation, bodyType: string): Markup => {
  const { operationId: id, parameters = [], 'x-examples': samples } = operation;
  const allValues = samples.map((sample) => valuesOf(operation, sample));
  const [values = {}] = allValues;
  const options = samples.map(
    ({ summary, status }, at) => html`<option value="${JSON.stringify(allValues[at])}">${summary} (${status})</option>`,
  );
  return html`<template>
<form>
${samples.length > 1 && html`<div class="field"><label for="${id}-sample">Sample</label><select id="${id}-sample" name="sample">${options}</select></div>`}
${parameters.map((parameter) => renderField(id, parameter, values))}
${
  bodyType !== '' &&
  html`<div class="field"><label for="${id}-body">Body <span class="kind">${bodyType}</span></label>
<textarea id="${id}-body" name="body" rows="${(values.body ?? '').split('\n').length}" spellcheck="false">${values.body}</textarea></div>`
}
<p><button>Send</button></p>
</form>
<div class="answer" aria-live="polite"></div>
<h3>curl</h3>
<pre class="curl"></pre>
<h3>TypeScript</h3>
<pre class="typescript"></pre>
</template>`;
};

const renderAnswer = ({ status, description, content = {} }: ReturnType<typeof answersOf>[number]): Markup => {
  const example = Object.values(content).find((each) => each.example !== undefined)?.example;
  return html`<dt>${status}</dt><dd>${prose(description ?? '')}${example !== undefined && html`<pre>${print(example)}</pre>`}</dd>`;
};

/**
 * One operation: a line that opens. Its form is a template, which the script inserts when the operation is first
 * opened, so a browser spends nothing on fields that are out of sight, and shows no form when scripts are off.
 */
const renderOperation = (operation: Operation): Markup => {
  const { operationId, method, path, summary, description, security, requestBody } = operation;
  const [bodyType = ''] = Object.keys(requestBody?.content ?? {});
  return html`<details class="operation" id="${operationId}" data-method="${method}" data-path="${path}" data-server="${serverOf(operation)}" data-type="${bodyType}">
<summary><span class="method">${method}</span> <span class="path">${path}</span> <span class="what">${summary}${security.length > 0 && ' · private'}</span></summary>
<div class="inside">
${description !== undefined && html`<p>${prose(description)}</p>`}
${renderForm(operation, bodyType)}
<h3>Answers</h3>
<dl class="answers">${answersOf(operation).map(renderAnswer)}</dl>
</div>
</details>
`;
};

/** The whole API from the OpenAPI document. The page loads nothing; only its forms send requests. */
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
<p class="help" id="token-help">For private functions on Google Cloud: <code>gcloud auth print-identity-token</code>. It is kept only in this page’s memory.</p></div>
</form>
<p id="found" class="help" role="status"></p>
${document.tags.map(
  ({ name, description }) => html`<section class="group">
<h2>${name}</h2>
<p>${description}</p>
${operationsOf(name).map(renderOperation)}</section>
`,
)}</main>
<noscript><p>Without JavaScript you can read the reference, but not send requests from here.</p></noscript>`,
    origins: new Set(config().functionUrls.values()),
  });
