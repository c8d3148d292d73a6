import { html, type Markup } from '../../../shared/page/html.ts';
import { HOUR_MS } from '../../../shared/timing.ts';
import { type Measure, measures, timeText } from './format.ts';
import { type Hour, type Point, type Series, splitAtGaps } from './series.ts';

/*
 * The chart is SVG, rendered on the server: it needs no script and no library. The lines are in a box that stretches
 * with the page. The labels and marks are outside that box and placed in per cent, so that they keep their size.
 */

const WIDTH = 1000;
const HEIGHT = 100;
const VALUE_TICKS = 4;
/** More time labels than this would touch each other on a phone. */
const TIME_TICKS = 7;
const LABEL_HEIGHT = 22;

/** The range of an axis. */
interface Scale {
  readonly low: number;
  readonly high: number;
}

/** A scale with a margin of a tenth above and below the values. It spans at least `least`. */
export const fitScale = (values: readonly number[], least: number): Scale => {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const margin = Math.max((high - low) / 10, (least - (high - low)) / 2);
  return { low: low - margin, high: high + margin };
};

/** Where a value is on a scale: 0 is the bottom or the left, 1 the top or the right. */
export const place = (value: number, { low, high }: Scale): number => (value - low) / (high - low);

/** The multiples of a step inside a scale. */
const multiplesIn = ({ low, high }: Scale, step: number): number[] => {
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, at) => (first + at) * step);
};

/** Round values inside a scale, about `most` of them. */
export const chooseTicks = (scale: Scale, most: number): number[] => {
  const rough = (scale.high - scale.low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return multiplesIn(scale, power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10));
};

const round = (value: number): string => String(Math.round(value * 10) / 10);
const percent = (part: number): string => `${Math.round(part * 10_000) / 100}%`;

/** The fewest decimals that show a step of an axis exactly, up to 3. */
const decimalsFor = (step: number): number =>
  [1, 2].find((decimals) => Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6) ?? 3;

/** One panel: price or sentiment over time, with the hours that decide highlighted and their averages as bars. */
export const renderPanel = (name: Measure, direction: string, description: string, series: Series): Markup => {
  const { points, hours, from, to, decidesFrom, stepMs } = series;
  const { leastSpan, axisText } = measures[name];
  const values = [...points, ...hours].map((each) => each[name]);
  const scale = fitScale(values, leastSpan);
  const across = (time: number) => place(time, { low: from, high: to });
  const toX = (time: number) => round(across(time) * WIDTH);
  const toY = (value: Point | Hour) => round((1 - place(value[name], scale)) * HEIGHT);

  const ticks = chooseTicks(scale, VALUE_TICKS);
  const decimals = decimalsFor((ticks[1] ?? 1) - (ticks[0] ?? 0));
  const heightOf = (tick: number) => percent(1 - place(tick, scale));
  const lineOf = (run: readonly Point[]): string => {
    const corners = run.map((point) => `${toX(point.middle)} ${toY(point)}`);
    // A single point becomes a line of no length, which its round cap makes visible.
    return corners.length === 0 ? '' : `M${corners.join('L')}${corners.length === 1 ? 'h0' : ''}`;
  };
  const pathOf = (isIn: (point: Point) => boolean) =>
    splitAtGaps(points, stepMs)
      .map((run) => lineOf(run.filter(isIn)))
      .join('');
  const bars = hours.map((hour) => `M${toX(hour.start)} ${toY(hour)}H${toX(Math.min(hour.start + HOUR_MS, to))}`);

  return html`<div class="plot ${direction}" data-series="${name}" data-low="${scale.low}" data-high="${scale.high}">
<svg class="lines" role="img" aria-label="${description}">
<rect class="window" x="${percent(across(decidesFrom))}" width="${percent(1 - across(decidesFrom))}" height="100%"/>
${ticks.map((tick) => html`<line class="grid${Math.abs(tick) < 1e-9 && ' zero'}" x2="100%" y1="${heightOf(tick)}" y2="${heightOf(tick)}"/>`)}
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" width="100%" height="100%">
<path class="line" d="${pathOf(({ start }) => start <= decidesFrom)}"/>
<path class="line strong" d="${pathOf(({ start }) => start >= decidesFrom)}"/>
<path class="bar" d="${bars.join('')}"/>
</svg>
<line class="cross pin" y2="100%"/><circle class="dot pin" r="4.5"/><line class="cross" y2="100%"/><circle class="dot" r="4.5"/>
</svg>
<svg class="values" aria-hidden="true">${ticks.map((tick) => html`<text x="100%" y="${heightOf(tick)}" dy=".35em">${axisText(tick, decimals)}</text>`)}</svg>
</div>`;
};

/** The time labels below the last panel. */
export const renderTimes = ({ from, to }: Series): Markup => {
  const scale = { low: from, high: to };
  const ticksEvery = (hours: number) => multiplesIn(scale, hours * HOUR_MS);
  const hours = [1, 2, 4].find((each) => ticksEvery(each).length <= TIME_TICKS) ?? 24;
  const form = hours === 24 ? 'day' : 'tick';
  const labels = ticksEvery(hours).map(
    (at) =>
      html`<text data-at="${at}" data-form="${form}" x="${percent(place(at, scale))}" y="${LABEL_HEIGHT - 6}">${timeText(at, form)}</text>`,
  );
  return html`<svg class="times" aria-hidden="true">${labels}</svg>`;
};
