import { priceChangeText, priceText, sentimentText, timeText } from '../format.ts';
import { spanText, zone } from './zone.ts';

type Row = readonly [start: number, price: number, sentiment: number];

interface Points {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly rows: readonly Row[];
}

const STEPS_PER_PAGE = 12;

/** Times, not positions: they stay the same when news arrive and the chart is replaced under a still pointer. */
let pointedMs: number | undefined;
let pinnedMs: number | undefined;

const number = (element: HTMLElement, name: string): number => Number(element.dataset[name]);
const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];

const readPoints = (): Points | undefined =>
  JSON.parse(document.querySelector('#points')?.textContent ?? 'null') ?? undefined;

/** Frees the pinned point. */
export const unpin = (): void => {
  pinnedMs = undefined;
};

/**
 * Shows the values of one point in time: under the pointer, under a finger, or by the arrow keys. A click, a tap or
 * Enter pins a point; another point is then compared with it.
 * @returns what shows the chosen points again, after something else has changed
 */
export const startScrub = (): (() => void) => {
  const points = readPoints();
  const handle = document.querySelector<HTMLElement>('#scrub');
  if (points === undefined || points.rows.length === 0 || handle === null) return () => {};
  const { from, to, stepMs, rows } = points;
  const plots = all('.plot');
  const [values, whens, trends, compares] = [
    all('[data-value]'),
    all('[data-when]'),
    all('[data-trend]'),
    all('[data-compare]'),
  ];
  const standing = [...values, ...whens].map((element) => ({ element, text: element.textContent }));

  const nearest = (time: number): number => {
    const after = rows.findIndex(([start]) => start + stepMs / 2 >= time);
    if (after <= 0) return after < 0 ? rows.length - 1 : 0;
    const [next = [0], before = [0]] = [rows[after], rows[after - 1]];
    return next[0] + before[0] + stepMs > 2 * time ? after - 1 : after;
  };
  const rowAt = (time: number): Row => rows[nearest(time)] ?? [0, 0, 0];
  const middleOf = (index: number): number =>
    (rows[Math.min(Math.max(index, 0), rows.length - 1)]?.[0] ?? 0) + stepMs / 2;

  const mark = (plot: HTMLElement, marks: string, [start, price, sentiment]: Row): void => {
    const x = `${((start + stepMs / 2 - from) / (to - from)) * 100}%`;
    const value = plot.dataset.series === 'price' ? price : sentiment;
    const [low, high] = [number(plot, 'low'), number(plot, 'high')];
    const line = plot.querySelector(`.cross${marks}`);
    line?.setAttribute('x1', x);
    line?.setAttribute('x2', x);
    const dot = plot.querySelector(`.dot${marks}`);
    dot?.setAttribute('cx', x);
    dot?.setAttribute('cy', `${(1 - (value - low) / (high - low)) * 100}%`);
  };

  const changeText = (name: string | undefined, [, price, sentiment]: Row, [, oldPrice, oldSentiment]: Row): string =>
    name === 'price' ? priceChangeText(price - oldPrice, oldPrice) : sentimentText(sentiment - oldSentiment);

  const show = (): void => {
    const shownMs = pointedMs ?? pinnedMs;
    const pinned = pinnedMs === undefined ? undefined : rowAt(pinnedMs);
    const isComparing = pinned !== undefined && pointedMs !== undefined && rowAt(pointedMs) !== pinned;
    for (const plot of plots) plot.classList.toggle('scrubbed', shownMs !== undefined);
    for (const plot of plots) plot.classList.toggle('pinned', pinned !== undefined);
    for (const trend of trends) trend.hidden = shownMs !== undefined;
    for (const compare of compares) compare.hidden = shownMs === undefined;
    if (shownMs === undefined) {
      for (const { element, text } of standing) element.textContent = text;
      return;
    }
    const row = rowAt(shownMs);
    const [start, price, sentiment] = row;
    const isOneDay = timeText(from, 'day', zone()) === timeText(to, 'day', zone());
    const when = spanText(start, start + stepMs, !isOneDay);
    for (const plot of plots) mark(plot, ':not(.pin)', row);
    if (pinned !== undefined) for (const plot of plots) mark(plot, '.pin', pinned);
    for (const element of values) {
      element.textContent = element.dataset.value === 'price' ? priceText(price) : sentimentText(sentiment);
    }
    for (const element of whens) element.textContent = when;
    for (const element of compares) {
      const since = isComparing ? spanText(pinned[0], pinned[0] + stepMs, !isOneDay) : '';
      const change = isComparing ? `${changeText(element.dataset.compare, row, pinned)} against ${since}` : '';
      element.textContent = isComparing
        ? change
        : pinned === undefined
          ? ''
          : 'Pinned. Tap again or press Escape to free it.';
    }
    handle.setAttribute('aria-valuenow', String(nearest(shownMs)));
    handle.setAttribute('aria-valuetext', `${when}: price ${priceText(price)}, sentiment ${sentimentText(sentiment)}`);
  };

  const point = (time: number | undefined): void => {
    pointedMs = time;
    show();
  };
  const togglePin = (time: number | undefined): void => {
    pinnedMs = pinnedMs === undefined ? time : undefined;
    show();
  };

  const shown = (): number => nearest(pointedMs ?? pinnedMs ?? to);
  const KEYS = new Map<string, () => number>([
    ['ArrowLeft', () => shown() - 1],
    ['ArrowDown', () => shown() - 1],
    ['ArrowRight', () => shown() + 1],
    ['ArrowUp', () => shown() + 1],
    ['PageDown', () => shown() - STEPS_PER_PAGE],
    ['PageUp', () => shown() + STEPS_PER_PAGE],
    ['Home', () => 0],
    ['End', () => rows.length - 1],
  ]);

  for (const plot of plots) {
    const lines = plot.querySelector('.lines') ?? plot;
    const timeAt = ({ clientX }: MouseEvent): number => {
      const box = lines.getBoundingClientRect();
      return from + ((clientX - box.left) / box.width) * (to - from);
    };
    const leave = () => point(undefined);
    plot.addEventListener('pointermove', (event) => point(timeAt(event)));
    plot.addEventListener('click', (event) => togglePin(timeAt(event)));
    plot.addEventListener('pointerleave', leave);
    plot.addEventListener('pointercancel', leave);
  }
  for (const hint of all('.hint')) hint.hidden = false;
  handle.hidden = false;
  handle.setAttribute('aria-valuemax', String(rows.length - 1));
  handle.setAttribute('aria-valuenow', String(rows.length - 1));
  handle.addEventListener('focus', () => point(middleOf(shown())));
  handle.addEventListener('blur', () => handle.isConnected && point(undefined));
  handle.addEventListener('keydown', (event) => {
    const move = KEYS.get(event.key);
    if (event.key !== 'Enter' && event.key !== ' ' && move === undefined) return;
    event.preventDefault();
    if (move === undefined) togglePin(pointedMs);
    else point(middleOf(move()));
  });
  show();
  return show;
};
