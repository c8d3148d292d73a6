import { RANGE_HOURS, type RangeHours } from '../../../shared/domain/bitcoin/history.ts';
import { html, jsonBlock, type Markup } from '../../../shared/page/html.ts';
import { HOUR_MS } from '../../../shared/timing.ts';
import { type PanelSpec, renderPanel, renderTimes } from './chart.ts';
import { ageText, priceChangeText, priceText, sentimentText, wholePriceText } from './format.ts';
import type { Direction, Summary } from './page-data.ts';
import type { Series } from './series.ts';
import { ARROWS, rangeText } from './words.ts';

const CURRENT = html` aria-current="page"`;

const arrow = (direction: Direction): Markup =>
  html`<svg class="arrow" viewBox="0 0 16 16" aria-hidden="true"><path d="${ARROWS[direction]}"/></svg>`;

interface PanelText {
  readonly value: string;
  readonly when: string;
  /** From the first hour that decides to the last. */
  readonly change: string | undefined;
  /** Change, high and low of the whole range. */
  readonly range: readonly (readonly [name: string, text: string])[];
}

const panelHead = (
  { name, label, direction }: PanelSpec,
  { value, when, change, range }: PanelText,
): Markup => html`<header>
<h2>${label}</h2>
<p class="now"><span class="value" data-value="${name}">${value}</span> <span class="when" data-when>${when}</span></p>
<p class="trend ${direction}" data-trend>${arrow(direction)}<strong>${direction}</strong>${change !== undefined && html` <span>${change} over 3 hours</span>`}</p>
<p class="trend" data-compare="${name}" hidden></p>
<dl class="range">${range.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>
</header>`;

const rangeOf = (values: readonly number[], text: (value: number) => string, changeText: string, hours: RangeHours) =>
  [
    [`${rangeText(hours)}`, changeText],
    ['high', text(Math.max(...values))],
    ['low', text(Math.min(...values))],
  ] as const;

const RANGE_NAMES: Readonly<Record<RangeHours, string>> = { 3: '3 h', 24: '24 h', 168: '7 d' };

const renderRanges = (chosen: RangeHours): Markup => html`<nav class="ranges" aria-label="Range of the chart">
${RANGE_HOURS.map((hours, at) => html`<a href="?hours=${hours}" aria-keyshortcuts="${at + 1}"${hours === chosen && CURRENT}>${RANGE_NAMES[hours]}</a>`)}
<button type="button" id="zone" hidden></button>
</nav>`;

/** As many decimals as tell two neighbouring values of an axis apart, exactly. */
const decimalsFor = (step: number): number =>
  [1, 2].find((decimals) => Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6) ?? 3;

/** The chart with its two panels, their figures, and the choice of range. */
export const renderChart = (summary: Summary, range: RangeHours, series: Series): Markup => {
  const { points, hours, from, to, stepMs } = series;
  // Without the store there are no points, only the hours of the summary.
  const shown = points.length > 0 ? points : hours;
  const last = shown.at(-1);
  const when = points.length > 0 && stepMs < HOUR_MS ? 'latest five minutes' : 'latest hour';
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
  const [oldest, newest] = [shown[0], shown.at(-1)];
  const priceWords = {
    value: priceText(last?.price ?? 0),
    when,
    change: priceChange,
    range: rangeOf(
      prices,
      wholePriceText,
      oldest && newest ? priceChangeText(newest.price - oldest.price, oldest.price) : '',
      range,
    ),
  };
  const sentimentWords = {
    value: sentimentText(last?.sentiment ?? 0),
    when,
    change: sentimentChange,
    range: rangeOf(
      sentiments,
      sentimentText,
      oldest && newest ? sentimentText(newest.sentiment - oldest.sentiment) : '',
      range,
    ),
  };
  return html`<section class="chart" aria-label="Price and sentiment, ${rangeText(range)}">
${renderRanges(range)}
${panelHead(price, priceWords)}
${renderPanel(price, series)}
${panelHead(sentiment, sentimentWords)}
${renderPanel(sentiment, series)}
${renderTimes(series)}
<div class="scrub" id="scrub" role="slider" tabindex="0" aria-label="Point in time" aria-valuemin="0" aria-valuenow="0" hidden></div>
<p class="legend"><span class="key-window"></span>the three hours that decide <span class="key-bar"></span>their averages <span class="hint" hidden>Click or tap to pin a point and compare.</span></p>
${jsonBlock('points', { from, to, stepMs, rows: points.map((point) => [point.start, point.price, point.sentiment]) })}
</section>`;
};
