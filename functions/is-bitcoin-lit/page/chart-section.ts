import { RANGE_HOURS, type RangeHours } from '../../../shared/domain/bitcoin/history.ts';
import { html, jsonBlock, type Markup } from '../../../shared/page/html.ts';
import { HOUR_MS } from '../../../shared/timing.ts';
import { renderPanel, renderTimes } from './chart.ts';
import { ageText, type Measure, measures } from './format.ts';
import type { Series, Summary } from './series.ts';

const ARROWS: Readonly<Record<Summary['price_direction'], string>> = {
  rising: 'M3.5 12.5l9-9M5.5 3.5h7v7',
  falling: 'M3.5 3.5l9 9M12.5 5.5v7h-7',
  flat: 'M2 8h12M9 3l5 5-5 5',
};

const RANGE_NAMES: Readonly<Record<RangeHours, readonly [short: string, long: string]>> = {
  3: ['3 h', '3 hours'],
  24: ['24 h', '24 hours'],
  168: ['7 d', '7 days'],
};

const renderRanges = (chosen: RangeHours): Markup => html`<nav class="ranges" aria-label="Range of the chart">
${RANGE_HOURS.map((hours, at) => html`<a href="?hours=${hours}" aria-keyshortcuts="${at + 1}"${hours === chosen && html` aria-current="page"`}>${RANGE_NAMES[hours][0]}</a>`)}
<button type="button" id="zone" hidden></button>
</nav>`;

/** Price or sentiment: its figures, then its panel. */
const renderMeasure = (name: Measure, summary: Summary, range: string, series: Series): Markup => {
  const { points, hours, from, to, stepMs } = series;
  const { label, text, axisText, changeText } = measures[name];
  const direction = summary[`${name}_direction`];
  // Without Redis there are no points, only the hours of the summary.
  const values = (points.length > 0 ? points : hours).map((each) => each[name]);
  const [oldest, newest] = [values[0] ?? 0, values.at(-1) ?? 0];
  const [highest, lowest] = [axisText(Math.max(...values)), axisText(Math.min(...values))];
  const [first, last] = [hours[0], hours.at(-1)];
  const change = first && last && first !== last && changeText(last[name], first[name]);
  const when = points.length > 0 && stepMs < HOUR_MS ? 'latest five minutes' : 'latest hour';
  const description = `${label} over ${ageText((to - from) / 1000)}: from ${axisText(oldest)} to ${axisText(newest)}, lowest ${lowest}, highest ${highest}.`;
  const figures = [
    [range, changeText(newest, oldest)],
    ['high', highest],
    ['low', lowest],
  ];
  return html`<header>
<h2>${label}</h2>
<p class="now"><span class="value" data-value="${name}">${text(newest)}</span> <span class="when" data-when>${when}</span></p>
<p class="trend ${direction}" data-trend><svg class="arrow" viewBox="0 0 16 16" aria-hidden="true"><path d="${ARROWS[direction]}"/></svg><strong>${direction}</strong>${change && html` <span>${change} over 3 hours</span>`}</p>
<p class="trend" data-compare="${name}" hidden></p>
<dl class="range">${figures.map(([term, figure]) => html`<div><dt>${term}</dt><dd>${figure}</dd></div>`)}</dl>
</header>
${renderPanel(name, direction, description, series)}`;
};

/** The chart with its two panels, their figures and the choice of range. */
export const renderChart = (summary: Summary, hours: RangeHours, series: Series): Markup => {
  const { points, from, to, stepMs } = series;
  const range = RANGE_NAMES[hours][1];
  return html`<section class="chart" aria-label="Price and sentiment, ${range}">
${renderRanges(hours)}
${renderMeasure('price', summary, range, series)}
${renderMeasure('sentiment', summary, range, series)}
${renderTimes(series)}
<input type="range" class="scrub" id="scrub" aria-label="Point in time" max="${points.length - 1}" value="${points.length - 1}" hidden>
<p class="legend"><span class="key-window"></span>the three hours that decide <span class="key-bar"></span>their averages <span class="hint" hidden>Click or tap to pin a point and compare.</span></p>
${jsonBlock('points', { from, to, stepMs, rows: points.map((point) => [point.start, point.price, point.sentiment]) })}
</section>`;
};
