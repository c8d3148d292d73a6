import { html, type Markup } from '../../shared/page/html.ts';
import { answersOf, type Operation, type Parameter, type Sample, serverOf } from './operations.ts';

/** Plain text with `code` in it. */
export const prose = (text: string): Markup[] =>
  text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));

const print = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

/** The values of a sample by the names of the form's fields, read back from its URL. */
const valuesOf = ({ path }: Operation, { url, headers, body }: Sample): Record<string, string> => {
  const [target = '', search = ''] = url.split('?');
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `path.${name}`);
  const found = new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(target)?.slice(1) ?? [];
  return {
    ...Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(found[at] ?? '')])),
    ...Object.fromEntries([...new URLSearchParams(search)].map(([name, value]) => [`query.${name}`, value])),
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [`header.${name}`, value])),
    ...(body !== undefined && { body: print(body) }),
  };
};

const inputOf = (id: string, parameter: Parameter, values: Record<string, string>): Markup => {
  const { name, in: part, required, description, schema } = parameter;
  const field = `${part}.${name}`;
  const fallback = schema.default === undefined ? '' : `${schema.default}`;
  return html`<div class="field"><label for="${id}-${field}"><code>${name}</code> <span class="kind">${part}${required && ', required'}</span></label>
<input id="${id}-${field}" name="${field}" data-type="${schema.type ?? 'string'}" value="${values[field] ?? ''}" placeholder="${fallback}" autocomplete="off" spellcheck="false"${required && html` required`}${description !== undefined && html` aria-describedby="${id}-${field}-help"`}>
${description !== undefined && html`<p class="help" id="${id}-${field}-help">${prose(description)}</p>`}</div>
`;
};

const formOf = (operation: Operation): Markup => {
  const { operationId: id, parameters, requestBody, 'x-examples': samples } = operation;
  const [first] = samples;
  const values = first === undefined ? {} : valuesOf(operation, first);
  const options = samples.map(
    (each) =>
      html`<option value="${JSON.stringify(valuesOf(operation, each))}">${each.summary} (${each.status})</option>`,
  );
  return html`<template>
<form>
${samples.length > 1 && html`<div class="field"><label for="${id}-sample">Sample</label><select id="${id}-sample" name="sample">${options}</select></div>`}
${parameters.map((each) => inputOf(id, each, values))}
${
  requestBody !== undefined &&
  html`<div class="field"><label for="${id}-body">Body <span class="kind">${Object.keys(requestBody.content)[0] ?? ''}</span></label>
<textarea id="${id}-body" name="body" rows="${(values.body ?? '').split('\n').length}" spellcheck="false">${values.body ?? ''}</textarea></div>`
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

const answerRow = ({ status, description, content }: ReturnType<typeof answersOf>[number]): Markup => {
  const example = Object.values(content).find((each) => each.example !== undefined)?.example;
  return html`<dt>${status}</dt><dd>${prose(description)}${example !== undefined && html`<pre>${print(example)}</pre>`}</dd>`;
};

/**
 * One operation: closed a line, open all of it. Its form is a template, which the script puts in place when the operation
 * is opened first: a browser spends nothing on fields that are not seen, and shows none where scripts do not run.
 */
export const renderOperation = (operation: Operation): Markup => {
  const { operationId, method, path, summary, description, security, requestBody } = operation;
  const isPrivate = security.length > 0;
  return html`<details class="operation" id="${operationId}" data-method="${method}" data-path="${path}" data-server="${serverOf(operation) ?? ''}" data-type="${Object.keys(requestBody?.content ?? {})[0] ?? ''}">
<summary><span class="method">${method}</span> <span class="path">${path}</span> <span class="what">${summary}${isPrivate && ' · private'}</span></summary>
<div class="inside">
${description !== undefined && html`<p>${prose(description)}</p>`}
${formOf(operation)}
<h3>Answers</h3>
<dl class="answers">${answersOf(operation).map(answerRow)}</dl>
</div>
</details>
`;
};
