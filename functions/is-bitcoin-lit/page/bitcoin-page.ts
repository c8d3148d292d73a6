import { type Page, renderDocument } from '../../../shared/page/document.ts';
import { html, jsonBlock, type Markup } from '../../../shared/page/html.ts';
import assets from './assets.json' with { type: 'json' };
import { type PanelSpec, renderPanel, renderTimes } from './chart.ts';
import { ageText, clockText, dayText, priceChangeText, priceText, sentimentText, wholePriceText } from './format.ts';
import { renderHours } from './hours-table.ts';
import type { Direction, History, Summary } from './page-data.ts';
import { averageByHour, type Series, toSeries } from './series.ts';
import { ARROWS, explain, sourceText, staleText } from './words.ts';

interface PageInput {
  readonly summary: Summary;
  readonly history: History;
  /** A remark on the data that the reader must know, for instance that the feed is made up. */
  readonly note?: string | undefined;
}

/** Without a script the page asks for itself anew; as often as the summary's cache lets something new through. */
const RELOAD_SECONDS = 120;

const lampIcon = (lit: boolean): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="${lit ? 7 : 5.5}" ${
    lit ? 'fill="#f97316"' : 'fill="none" stroke="#8b8f9a" stroke-width="2.5"'
  }/></svg>`;

const arrow = (direction: Direction): Markup =>
  html`<svg class="arrow" viewBox="0 0 16 16" aria-hidden="true"><path d="${ARROWS[direction]}"/></svg>`;

const panelHead = (spec: PanelSpec, value: string, when: string, change: string | undefined): Markup => html`<header>
<h2>${spec.label}</h2>
<p class="now"><span class="value" data-value="${spec.name}">${value}</span> <span class="when" data-when>${when}</span></p>
<p class="trend ${spec.direction}">${arrow(spec.direction)}<strong>${spec.direction}</strong>${change !== undefined && html` <span>${change}</span>`}</p>
</header>`;

/** As many decimals as tell two neighbouring values of an axis apart, exactly. */
const decimalsFor = (step: number): number =>
  [1, 2].find((decimals) => Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6) ?? 3;

const renderChart = (summary: Summary, series: Series): Markup => {
  const { points, hours, from, to, stepMs } = series;
  // Without the store there are no points, only the hours of the summary.
  const shown = points.length > 0 ? points : hours;
  const last = shown.at(-1);
  const when = points.length > 0 ? 'latest five minutes' : 'latest hour';
  const [first, final] = [hours[0], hours.length > 1 ? hours.at(-1) : undefined];
  const priceChange = first && final && priceChangeText(final.price - first.price, first.price);
  const sentimentChange = first && final && sentimentText(final.sentiment - first.sentiment);
  const describe = (name: string, values: readonly number[], text: (value: number) => string) =>
    `${name} over ${ageText((to - from) / 1000)}: from ${text(values[0] ?? 0)} to ${text(values.at(-1) ?? 0)}, lowest ${text(Math.min(...values))}, highest ${text(Math.max(...values))}.`;
  const prices = shown.map(({ price }) => price);
  const sentiments = shown.map(({ sentiment }) => sentiment);
  const price: PanelSpec = {
    name: 'price',
    label: 'Price',
    direction: summary.price_direction,
    leastSpan: 20,
    axisText: wholePriceText,
    description: describe('Price', prices, wholePriceText),
  };
  const sentiment: PanelSpec = {
    name: 'sentiment',
    label: 'Sentiment',
    direction: summary.sentiment_direction,
    leastSpan: 0.02,
    axisText: (value, step) => sentimentText(value, decimalsFor(step)),
    description: describe('Sentiment', sentiments, sentimentText),
  };
  return html`<section class="chart" aria-label="Price and sentiment, 24 hours">
${panelHead(price, priceText(last?.price ?? 0), when, priceChange)}
${renderPanel(price, series)}
${panelHead(sentiment, sentimentText(last?.sentiment ?? 0), when, sentimentChange)}
${renderPanel(sentiment, series)}
${renderTimes(series)}
<div class="scrub" id="scrub" role="slider" tabindex="0" aria-label="Point in time" aria-valuemin="0" hidden></div>
<p class="legend"><span class="key-window"></span>the three hours that decide <span class="key-bar"></span>their averages</p>
${jsonBlock('points', { from, to, stepMs, rows: points.map((point) => [point.start, point.price, point.sentiment]) })}
</section>`;
};

const verdictOf = (word: string, lit: boolean): Markup =>
  html`<p class="verdict">${word}<span class="lamp${lit && ' on'}" aria-hidden="true"></span></p>`;

const renderFooter = (source: string | undefined): Markup => html`<footer>
<p>Lit means that the average price and the average sentiment of the latest hour are both above those of two hours before. Hours are UTC; an average is that of all samples of its hour.</p>
${source !== undefined && html`<p>Source: ${sourceText(source)}. The same as JSON: this address with <code>Accept: application/json</code>, or the <a href="is-bitcoin-lit/history">history</a>.</p>`}
</footer>`;

const frame = (title: string, state: 'is-lit' | 'is-dark' | 'is-empty', asOf: string, body: Markup): Page => {
  const wrapped = html`<header class="top"><h1>Is Bitcoin lit?</h1><p class="live" id="live" hidden></p></header>
<main id="main" class="${state}" data-as-of="${asOf}">
${body}
</main>
<p class="hidden" role="status" id="status"></p>`;
  return renderDocument({
    title,
    description: 'Whether the price of Bitcoin and the mood about it are both rising.',
    style: assets.style,
    script: assets.script,
    icon: lampIcon(state === 'is-lit'),
    head: html`<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}"></noscript>
`,
    body: wrapped,
    allow: ["connect-src 'self'"],
  });
};

/** The page of a summary and its history. It shows what it is given and asks for nothing. */
export const renderPage = ({ summary, history, note }: PageInput): Page => {
  const series = toSeries(summary, history);
  const asOf = Date.parse(summary.as_of);
  const earlier = averageByHour(series.points, series.decidesFrom);
  const word = summary.lit ? 'Lit' : 'Not lit';
  return frame(
    `${word} · Is Bitcoin lit?`,
    summary.lit ? 'is-lit' : 'is-dark',
    summary.as_of,
    html`${summary.stale && html`<p class="notice">${staleText(summary)}</p>`}
${note !== undefined && html`<p class="notice plain">${note}</p>`}
<section class="hero">
${verdictOf(word, summary.lit)}
<div class="lead"><p class="why">${explain(summary)}</p>
<p class="age">Latest sample <time datetime="${summary.as_of}">${ageText(summary.age_seconds)} ago</time><span>${dayText(asOf)}, ${clockText(asOf)} UTC</span></p></div>
</section>
${renderChart(summary, series)}
<section class="hours">
${renderHours('The three hours that decide', series.hours.toReversed())}
${earlier.length > 0 && html`<details id="earlier"><summary>Earlier hours</summary>${renderHours('Earlier hours', earlier)}</details>`}
</section>
${renderFooter(summary.source)}`,
  );
};

/** The page while nothing is stored. */
export const renderEmptyPage = (): Page =>
  frame(
    'No data yet · Is Bitcoin lit?',
    'is-empty',
    '',
    html`<section class="hero">
${verdictOf('No data yet', false)}
<div class="lead"><p class="why">Nothing is stored, so nobody can tell.</p>
<p class="age">A refresh brings the first samples: <code>POST /refresh</code>. This page shows them as soon as they are there.</p></div>
</section>
${renderFooter(undefined)}`,
  );
