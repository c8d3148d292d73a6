import type { RangeHours } from '../../../shared/domain/bitcoin/history.ts';
import { html, type Markup, type Page, renderDocument } from '../../../shared/page/html.ts';
import { HOUR_MS } from '../../../shared/timing.ts';
import assets from './assets.json' with { type: 'json' };
import { renderChart } from './chart-section.ts';
import { ageText, countText, explain, priceText, sentimentText, type TimeForm, timeText } from './format.ts';
import { averageByHour, type History, type Hour, type Summary, toSeries } from './series.ts';

/** Without a script the page reloads itself, as often as the cached summary can change. */
const RELOAD_SECONDS = 120;

const SOURCES: Readonly<Record<string, string>> = {
  senticrypt: 'SentiCrypt, v1: price and the sentiment of what people write',
  kraken: 'Kraken: price and the balance of buying and selling',
};

const renderIcon = (lit: boolean): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="${lit ? 7 : 5.5}" ${
    lit ? 'fill="#f97316"' : 'fill="none" stroke="#8b8f9a" stroke-width="2.5"'
  }/></svg>`;

const renderVerdict = (word: string, lit: boolean): Markup =>
  html`<p class="verdict">${word}<span class="lamp${lit && ' on'}" aria-hidden="true"></span></p>`;

/** A time in UTC, which the page's script rewrites in the reader's time zone. */
const renderTime = (time: number, form: TimeForm): Markup =>
  html`<time datetime="${new Date(time).toISOString()}" data-at="${time}" data-form="${form}">${timeText(time, form)}</time>`;

const renderHour = ({ start, price, sentiment, samples, complete }: Hour): Markup => html`<tr>
<th scope="row"><span class="muted">${renderTime(start, 'day')}</span> ${renderTime(start, 'clock')}<span class="until"> – ${renderTime(start + HOUR_MS, 'clock')}</span>${!complete && html` <span class="tag">so far</span>`}</th>
<td>${priceText(price)}</td><td>${sentimentText(sentiment)}</td><td>${countText(samples)}</td>
</tr>`;

/** A table of hourly averages. */
const renderHours = (caption: string, hours: readonly Hour[]): Markup => html`<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Hour, <span data-zone>UTC</span></th><th scope="col">Price</th><th scope="col">Sentiment</th><th scope="col">Samples</th></tr></thead>
<tbody>${hours.map(renderHour)}</tbody>
</table>`;

interface Frame {
  readonly title: string;
  readonly state: 'is-lit' | 'is-dark' | 'is-empty';
  readonly asOf?: string;
  /** A problem with the data. The script shows no state that contradicts it. */
  readonly trouble?: 'away' | 'frozen' | undefined;
  readonly head?: Markup;
  readonly body: Markup;
  readonly source?: string;
}

const renderFrame = ({ title, state, asOf, trouble, head, body, source }: Frame): Page =>
  renderDocument({
    title: `${title} · Is Bitcoin lit?`,
    description: 'Whether the price of Bitcoin and the mood about it are both rising.',
    style: assets.style,
    script: assets.script,
    icon: renderIcon(state === 'is-lit'),
    head: html`<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}"></noscript>
${head}`,
    body: html`<header class="top"><h1>Is Bitcoin lit?</h1><p class="live" id="live" hidden></p></header>
<main id="main" class="${state}" data-as-of="${asOf}" data-trouble="${trouble}">
${body}
<footer>
<p class="links"><a href="/">All endpoints</a> <a href="/docs">Documentation</a></p>
<p>Lit means that the average price and the average sentiment of the latest hour are both higher than two hours before. Hours are clock hours in UTC, and an average covers all samples of its hour.</p>
${source !== undefined && html`<p>Source: ${SOURCES[source] ?? source}. For the same data as JSON, request this address with <code>Accept: application/json</code>, or see the <a href="is-bitcoin-lit/history">history</a>.</p>`}
</footer>
</main>
<p class="hidden" role="status" id="status"></p>`,
  });

interface PageInput {
  readonly summary: Summary;
  readonly history: History;
  /** What the history covers. */
  readonly hours: RangeHours;
  /** Redis did not answer, so these are the last known figures. */
  readonly isCutOff?: boolean;
  /** Such as `https://example.com`: link previews need absolute URLs. */
  readonly origin: string;
  /** A note about the data that readers must know, such as that the feed is made up. */
  readonly note?: string | undefined;
}

/** What link previews show. */
const renderPreview = ({ summary, origin }: PageInput): Markup => html`<meta property="og:type" content="website">
<meta property="og:title" content="Bitcoin is ${summary.lit ? 'lit' : 'not lit'}">
<meta property="og:description" content="${explain(summary)}">
<meta property="og:image" content="${origin}/is-bitcoin-lit/image.svg">
<meta property="og:image:type" content="image/svg+xml">
`;

/** The page for a summary and its history. */
export const renderPage = (input: PageInput): Page => {
  const { summary, history, hours, isCutOff = false, note } = input;
  const series = toSeries(summary, history);
  const asOf = Date.parse(summary.as_of);
  const age = ageText(summary.age_seconds);
  const earlier = averageByHour(series.points, series.decidesFrom);
  const verdict = summary.lit ? 'Lit' : 'Not lit';
  const warning = isCutOff
    ? 'Paused: Redis does not answer at the moment. These are the last known figures.'
    : `The feed is frozen: its newest sample is ${age} old.`;
  return renderFrame({
    title: verdict,
    state: summary.lit ? 'is-lit' : 'is-dark',
    asOf: summary.as_of,
    trouble: isCutOff ? 'away' : summary.stale ? 'frozen' : undefined,
    head: renderPreview(input),
    body: html`${summary.stale && html`<p class="notice">${warning}</p>`}
${note !== undefined && html`<p class="notice plain">${note}</p>`}
<section class="hero">
${renderVerdict(verdict, summary.lit)}
<div class="lead"><p class="why">${explain(summary)}</p>
<p class="age">Latest sample <time datetime="${summary.as_of}">${age} ago</time><span>${renderTime(asOf, 'date')}, ${renderTime(asOf, 'clock')} <span data-zone>UTC</span></span></p></div>
</section>
${renderChart(summary, hours, series)}
<section class="hours">
${renderHours('The three hours that decide', series.hours.toReversed())}
${earlier.length > 0 && html`<details id="earlier"><summary>Earlier hours</summary>${renderHours('Earlier hours', earlier)}</details>`}
</section>`,
    source: summary.source,
  });
};

/** The page before the first refresh. */
export const renderEmptyPage = (): Page =>
  renderFrame({
    title: 'No data yet',
    state: 'is-empty',
    body: html`<section class="hero">
${renderVerdict('No data yet', false)}
<div class="lead"><p class="why">Nothing is stored yet.</p>
<p class="age">A refresh fetches the first samples: <code>POST /refresh</code>. This page shows them as soon as they arrive.</p></div>
</section>`,
  });
