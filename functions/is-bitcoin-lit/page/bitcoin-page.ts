import type { RangeHours } from '../../../shared/domain/bitcoin/history.ts';
import { html, type Markup, type Page, renderDocument } from '../../../shared/page/html.ts';
import { HOUR_MS } from '../../../shared/timing.ts';
import assets from './assets.json' with { type: 'json' };
import { renderChart } from './chart-section.ts';
import { ageText, countText, priceText, sentimentText, type TimeForm, timeText } from './format.ts';
import { averageByHour, type History, type Hour, type Summary, toSeries } from './series.ts';
import { explain, sourceText, staleText } from './words.ts';

interface PageInput {
  readonly summary: Summary;
  readonly history: History;
  /** What the history covers. */
  readonly hours: RangeHours;
  /** Redis did not answer: these are the last known figures. */
  readonly isCutOff?: boolean;
  /** Where the page is, such as `https://example.com`: previews of links need whole addresses. */
  readonly origin: string;
  /** A remark on the data that the reader must know, for instance that the feed is made up. */
  readonly note?: string | undefined;
}

/** Without a script the page reloads itself, as often as the summary's cache lets something new through. */
const RELOAD_SECONDS = 120;

const DESCRIPTION = 'Whether the price of Bitcoin and the mood about it are both rising.';

const lampIcon = (lit: boolean): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="${lit ? 7 : 5.5}" ${
    lit ? 'fill="#f97316"' : 'fill="none" stroke="#8b8f9a" stroke-width="2.5"'
  }/></svg>`;

const verdictOf = (word: string, lit: boolean): Markup =>
  html`<p class="verdict">${word}<span class="lamp${lit && ' on'}" aria-hidden="true"></span></p>`;

/** A time in UTC, which the page's script rewrites in the reader's zone. */
const renderTime = (time: number, form: TimeForm): Markup =>
  html`<time datetime="${new Date(time).toISOString()}" data-at="${time}" data-form="${form}">${timeText(time, form)}</time>`;

const rowOf = ({ start, price, sentiment, samples, complete }: Hour): Markup => html`<tr>
<th scope="row"><span class="muted">${renderTime(start, 'day')}</span> ${renderTime(start, 'clock')}<span class="until"> – ${renderTime(start + HOUR_MS, 'clock')}</span>${!complete && html` <span class="tag">so far</span>`}</th>
<td>${priceText(price)}</td><td>${sentimentText(sentiment)}</td><td>${countText(samples)}</td>
</tr>`;

/** A table of hourly averages. */
const renderHours = (caption: string, hours: readonly Hour[]): Markup => html`<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Hour, <span data-zone>UTC</span></th><th scope="col">Price</th><th scope="col">Sentiment</th><th scope="col">Samples</th></tr></thead>
<tbody>${hours.map(rowOf)}</tbody>
</table>`;

const renderFooter = (source: string | undefined): Markup => html`<footer>
<p class="links"><a href="/">All endpoints</a> <a href="/docs">Documentation</a></p>
<p>Lit means that the average price and the average sentiment of the latest hour are both above those of two hours before. These are clock hours of UTC; an average is that of all samples of its hour.</p>
${source !== undefined && html`<p>Source: ${sourceText(source)}. The same as JSON: this address with <code>Accept: application/json</code>, or the <a href="is-bitcoin-lit/history">history</a>.</p>`}
</footer>`;

interface Frame {
  readonly title: string;
  readonly state: 'is-lit' | 'is-dark' | 'is-empty';
  readonly asOf?: string;
  /** What is wrong with the data, if anything: the script shows no state that contradicts it. */
  readonly trouble?: 'away' | 'frozen' | undefined;
  readonly head?: Markup;
  readonly body: Markup;
}

const frame = ({ title, state, asOf = '', trouble, head, body }: Frame): Page =>
  renderDocument({
    title,
    description: DESCRIPTION,
    style: assets.style,
    script: assets.script,
    icon: lampIcon(state === 'is-lit'),
    head: html`<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}"></noscript>
${head}`,
    body: html`<header class="top"><h1>Is Bitcoin lit?</h1><p class="live" id="live" hidden></p></header>
<main id="main" class="${state}" data-as-of="${asOf}" data-trouble="${trouble}">
${body}
</main>
<p class="hidden" role="status" id="status"></p>`,
  });

/** What previews of links show. */
const renderPreview = ({ summary, origin }: PageInput): Markup => html`<meta property="og:type" content="website">
<meta property="og:title" content="Bitcoin is ${summary.lit ? 'lit' : 'not lit'}">
<meta property="og:description" content="${explain(summary)}">
<meta property="og:image" content="${origin}/is-bitcoin-lit/image.svg">
<meta property="og:image:type" content="image/svg+xml">
`;

/** The page of a summary and its history. It shows what it is given and asks for nothing. */
export const renderPage = (input: PageInput): Page => {
  const { summary, history, isCutOff = false, note } = input;
  const series = toSeries(summary, history);
  const asOf = Date.parse(summary.as_of);
  const earlier = averageByHour(series.points, series.decidesFrom);
  const word = summary.lit ? 'Lit' : 'Not lit';
  return frame({
    title: `${word} · Is Bitcoin lit?`,
    state: summary.lit ? 'is-lit' : 'is-dark',
    asOf: summary.as_of,
    trouble: isCutOff ? 'away' : summary.stale ? 'frozen' : undefined,
    head: renderPreview(input),
    body: html`${summary.stale && html`<p class="notice">${staleText(summary, isCutOff)}</p>`}
${note !== undefined && html`<p class="notice plain">${note}</p>`}
<section class="hero">
${verdictOf(word, summary.lit)}
<div class="lead"><p class="why">${explain(summary)}</p>
<p class="age">Latest sample <time datetime="${summary.as_of}">${ageText(summary.age_seconds)} ago</time><span>${renderTime(asOf, 'date')}, ${renderTime(asOf, 'clock')} <span data-zone>UTC</span></span></p></div>
</section>
${renderChart(summary, input.hours, series)}
<section class="hours">
${renderHours('The three hours that decide', series.hours.toReversed())}
${earlier.length > 0 && html`<details id="earlier"><summary>Earlier hours</summary>${renderHours('Earlier hours', earlier)}</details>`}
</section>
${renderFooter(summary.source)}`,
  });
};

/** The page while nothing is stored. */
export const renderEmptyPage = (): Page =>
  frame({
    title: 'No data yet · Is Bitcoin lit?',
    state: 'is-empty',
    body: html`<section class="hero">
${verdictOf('No data yet', false)}
<div class="lead"><p class="why">Nothing is stored yet.</p>
<p class="age">A refresh brings the first samples: <code>POST /refresh</code>. This page shows them as soon as they are there.</p></div>
</section>
${renderFooter(undefined)}`,
  });
