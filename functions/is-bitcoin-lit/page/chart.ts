import { html, type Markup } from '../../../shared/page/html.ts';
import { HOUR_MS } from '../../../shared/timing.ts';
import { timeText } from './format.ts';
import type { Direction } from './page-data.ts';
import { chooseHourTicks, chooseTicks, fitScale, place, type Scale } from './scale.ts';
import { type Hour, type Point, type Series, splitAtGaps } from './series.ts';

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
  readonly name: 'price' | 'sentiment';
  readonly label: string;
  readonly direction: Direction;
  /** The smallest span of values that is worth the panel's whole height. */
  readonly leastSpan: number;
  readonly axisText: (value: number, step: number) => string;
  readonly description: string;
}

const round = (value: number): string => String(Math.round(value * 10) / 10);
const percent = (part: number): string => `${Math.round(part * 10_000) / 100}%`;

const lineOf = (run: readonly Point[], toX: (time: number) => string, toY: (point: Point) => string): string => {
  const [first, ...rest] = run;
  if (first === undefined) return '';
  const start = `M${toX(first.middle)} ${toY(first)}`;
  // A lone point is a line of no length: its round cap shows it.
  return rest.length === 0
    ? `${start}h0`
    : `${start}L${rest.map((point) => `${toX(point.middle)} ${toY(point)}`).join(' ')}`;
};

const axisOf = (scale: Scale, { axisText }: PanelSpec): Markup[] => {
  const ticks = chooseTicks(scale, VALUE_TICKS);
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  return ticks.map((value) => {
    const y = percent(1 - place(value, scale));
    return html`<text x="100%" y="${y}" dy=".35em">${axisText(value, step)}</text>`;
  });
};

const gridOf = (scale: Scale): Markup[] =>
  chooseTicks(scale, VALUE_TICKS).map((value) => {
    const y = percent(1 - place(value, scale));
    return html`<line class="grid${Math.abs(value) < 1e-9 && ' zero'}" x2="100%" y1="${y}" y2="${y}"/>`;
  });

/** One panel of the chart: price or sentiment over time, the hours that decide set off, their averages as bars. */
export const renderPanel = (spec: PanelSpec, series: Series): Markup => {
  const { points, hours, from, to, decidesFrom, stepMs } = series;
  const read = (value: Point | Hour): number => value[spec.name];
  const time = { low: from, high: to };
  const scale = fitScale([...points, ...hours].map(read), spec.leastSpan);
  const toX = (at: number) => round(place(at, time) * WIDTH);
  const toY = (value: Point | Hour) => round((1 - place(read(value), scale)) * HEIGHT);

  const runs = splitAtGaps(points, stepMs);
  const before = runs.map((run) => run.filter(({ start }) => start <= decidesFrom)).filter(({ length }) => length > 0);
  const deciding = runs
    .map((run) => run.filter(({ start }) => start >= decidesFrom))
    .filter(({ length }) => length > 0);
  const pathOf = (parts: readonly Point[][]) => parts.map((run) => lineOf(run, toX, toY)).join('');
  const bars = hours.map((hour) => `M${toX(hour.start)} ${toY(hour)}H${toX(Math.min(hour.start + HOUR_MS, to))}`);

  return html`<div class="plot ${spec.direction}" data-series="${spec.name}" data-low="${scale.low}" data-high="${scale.high}">
<svg class="lines" role="img" aria-label="${spec.description}">
<rect class="window" x="${percent(place(decidesFrom, time))}" width="${percent(1 - place(decidesFrom, time))}" height="100%"/>
${gridOf(scale)}
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" width="100%" height="100%">
<path class="line" d="${pathOf(before)}"/>
<path class="line strong" d="${pathOf(deciding)}"/>
<path class="bar" d="${bars.join('')}"/>
</svg>
<line class="cross pin" y2="100%"/><circle class="dot pin" r="4.5"/><line class="cross" y2="100%"/><circle class="dot" r="4.5"/>
</svg>
<svg class="values" aria-hidden="true">${axisOf(scale, spec)}</svg>
</div>`;
};

/** The labels of time, under the last panel. */
export const renderTimes = ({ from, to }: Series): Markup => {
  const time = { low: from, high: to };
  const hours = [1, 2, 4, 24].find((each) => chooseHourTicks(time, each).length <= TIME_TICKS) ?? 24;
  const form = hours === 24 ? 'day' : 'tick';
  const labels = chooseHourTicks(time, hours).map((at) => {
    const x = percent(place(at, time));
    return html`<text data-at="${at}" data-form="${form}" x="${x}" y="${LABEL_HEIGHT - 6}">${timeText(at, form)}</text>`;
  });
  return html`<svg class="times" aria-hidden="true">${labels}</svg>`;
};
