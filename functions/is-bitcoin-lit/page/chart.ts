import { html, type Markup } from '../../../shared/page/html.ts';
import { HOUR_MS } from '../../../shared/timing.ts';
import { type Measure, measures, timeText } from './format.ts';
import { type Hour, type Point, type Series, type Summary, splitAtGaps } from './series.ts';

/*
 * The chart is SVG made here: readable without a script, no library to load, and its labels do not shrink with it.
 * Lines are drawn in a stretched box; labels and marks stand outside it, placed in per cent.
 */

const WIDTH = 1000;
const HEIGHT = 100;
const VALUE_TICKS = 4;
/** Labels of time, so many that they do not touch on a phone. */
const TIME_TICKS = 7;
const LABEL_HEIGHT = 22;

export interface PanelSpec {
  readonly name: Measure;
  readonly direction: Summary['price_direction'];
  readonly description: string;
}

/** Where values stand on an axis: 0 is the bottom or the left, 1 the top or the right. */
interface Scale {
  readonly low: number;
  readonly high: number;
}

const ROOM = 0.1;
const STEPS = [1, 2, 2.5, 5, 10] as const;

/** A scale that shows all values with some room above and below; `least` is the smallest span that means anything. */
export const fitScale = (values: readonly number[], least: number): Scale => {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = Math.max((high - low) * ROOM, (least - (high - low)) / 2);
  return { low: low - room, high: high + room };
};

export const place = (value: number, { low, high }: Scale): number => (value - low) / (high - low);

/** The multiples of a step inside a scale. */
const multiplesIn = ({ low, high }: Scale, step: number): number[] => {
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, at) => (first + at) * step);
};

/** Round values inside a scale, at most `most` of them. */
export const chooseTicks = (scale: Scale, most: number): number[] => {
  const rough = (scale.high - scale.low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return multiplesIn(scale, power * (STEPS.find((factor) => factor * power >= rough) ?? 10));
};

const round = (value: number): string => String(Math.round(value * 10) / 10);
const percent = (part: number): string => `${Math.round(part * 10_000) / 100}%`;

const lineOf = (run: readonly Point[], toX: (time: number) => string, toY: (point: Point) => string): string => {
  if (run.length === 0) return '';
  const line = `M${run.map((point) => `${toX(point.middle)} ${toY(point)}`).join('L')}`;
  // A lone point is a line of no length: its round cap shows it.
  return run.length === 1 ? `${line}h0` : line;
};

/** As many decimals as tell two neighbouring values of an axis apart, exactly. */
const decimalsFor = (step: number): number =>
  [1, 2].find((decimals) => Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6) ?? 3;

/** One panel of the chart: price or sentiment over time, the hours that decide set off, their averages as bars. */
export const renderPanel = ({ name, direction, description }: PanelSpec, series: Series): Markup => {
  const { points, hours, from, to, decidesFrom, stepMs } = series;
  const { leastSpan, axisText } = measures[name];
  const time = { low: from, high: to };
  const scale = fitScale(
    [...points, ...hours].map((each) => each[name]),
    leastSpan,
  );
  const toX = (at: number) => round(place(at, time) * WIDTH);
  const toY = (value: Point | Hour) => round((1 - place(value[name], scale)) * HEIGHT);

  const values = chooseTicks(scale, VALUE_TICKS);
  const ticks = values.map((value) => ({ value, y: percent(1 - place(value, scale)) }));
  const decimals = decimalsFor((values[1] ?? 1) - (values[0] ?? 0));
  const runs = splitAtGaps(points, stepMs);
  const pathOf = (isIn: (point: Point) => boolean) => runs.map((run) => lineOf(run.filter(isIn), toX, toY)).join('');
  const bars = hours.map((hour) => `M${toX(hour.start)} ${toY(hour)}H${toX(Math.min(hour.start + HOUR_MS, to))}`);

  return html`<div class="plot ${direction}" data-series="${name}" data-low="${scale.low}" data-high="${scale.high}">
<svg class="lines" role="img" aria-label="${description}">
<rect class="window" x="${percent(place(decidesFrom, time))}" width="${percent(1 - place(decidesFrom, time))}" height="100%"/>
${ticks.map(({ value, y }) => html`<line class="grid${Math.abs(value) < 1e-9 && ' zero'}" x2="100%" y1="${y}" y2="${y}"/>`)}
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" width="100%" height="100%">
<path class="line" d="${pathOf(({ start }) => start <= decidesFrom)}"/>
<path class="line strong" d="${pathOf(({ start }) => start >= decidesFrom)}"/>
<path class="bar" d="${bars.join('')}"/>
</svg>
<line class="cross pin" y2="100%"/><circle class="dot pin" r="4.5"/><line class="cross" y2="100%"/><circle class="dot" r="4.5"/>
</svg>
<svg class="values" aria-hidden="true">${ticks.map(({ value, y }) => html`<text x="100%" y="${y}" dy=".35em">${axisText(value, decimals)}</text>`)}</svg>
</div>`;
};

/** The labels of time, under the last panel. */
export const renderTimes = ({ from, to }: Series): Markup => {
  const time = { low: from, high: to };
  const ticksOf = (hours: number) => multiplesIn(time, hours * HOUR_MS);
  const hours = [1, 2, 4, 24].find((each) => ticksOf(each).length <= TIME_TICKS) ?? 24;
  const form = hours === 24 ? 'day' : 'tick';
  const labels = ticksOf(hours).map((at) => {
    const x = percent(place(at, time));
    return html`<text data-at="${at}" data-form="${form}" x="${x}" y="${LABEL_HEIGHT - 6}">${timeText(at, form)}</text>`;
  });
  return html`<svg class="times" aria-hidden="true">${labels}</svg>`;
};
