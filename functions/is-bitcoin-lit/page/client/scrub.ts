import { type Measure, measures, timeText } from '../format.ts';
import { spanText, zone } from './zone.ts';

interface Points {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly rows: readonly (readonly [start: number, price: number, sentiment: number])[];
}

type Row = { readonly middle: number } & Readonly<Record<Measure, number>>;

const NAMES: readonly Measure[] = ['price', 'sentiment'];

/** Times, not positions, so that they stay the same when new data replaces the chart under a still pointer. */
let pointedMs: number | undefined;
let pinnedMs: number | undefined;

const all = (selector: string) => document.querySelectorAll<HTMLElement>(selector);

const write = (selector: string, text: string): void => {
  for (const element of all(selector)) element.textContent = text;
};

const setAttributes = (element: Element | null, attributes: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(attributes)) element?.setAttribute(name, value);
};

export const unpin = (): void => {
  pinnedMs = undefined;
};

/**
 * Shows the values at one moment: under the mouse or a finger, or at the position of a range input for the keyboard. A
 * click, a tap or Enter pins a moment to compare others with.
 * @returns shows the chosen moments again, for when something else has changed
 */
export const startScrub = (): (() => void) => {
  const points: Points | null = JSON.parse(document.querySelector('#points')?.textContent ?? 'null');
  const handle = document.querySelector<HTMLInputElement>('#scrub');
  if (points === null || points.rows.length === 0 || handle === null) return () => {};
  const { from, to, stepMs } = points;
  const rows = points.rows.map(([start, price, sentiment]): Row => ({ middle: start + stepMs / 2, price, sentiment }));
  const initial = [...all('[data-value], [data-when]')].map((element) => ({ element, text: element.textContent }));

  const rowAt = (time: number): Row =>
    rows.reduce((best, row) => (Math.abs(row.middle - time) < Math.abs(best.middle - time) ? row : best));
  const spanOf = ({ middle }: Row): string => {
    const isOneDay = timeText(from, 'day', zone()) === timeText(to, 'day', zone());
    return spanText(middle - stepMs / 2, middle + stepMs / 2, !isOneDay);
  };

  const mark = (name: Measure, marks: string, row: Row): void => {
    for (const plot of all(`[data-series=${name}]`)) {
      const [low, high] = [Number(plot.dataset.low), Number(plot.dataset.high)];
      const x = `${((row.middle - from) / (to - from)) * 100}%`;
      const y = `${(1 - (row[name] - low) / (high - low)) * 100}%`;
      setAttributes(plot.querySelector(`.cross${marks}`), { x1: x, x2: x });
      setAttributes(plot.querySelector(`.dot${marks}`), { cx: x, cy: y });
    }
  };

  const compareText = (name: Measure, row: Row, pinned: Row | undefined): string => {
    if (pinned === undefined) return '';
    if (row === pinned) return 'Pinned. Tap again or press Escape to unpin.';
    return `${measures[name].changeText(row[name], pinned[name])} against ${spanOf(pinned)}`;
  };

  const show = (): void => {
    const shownMs = pointedMs ?? pinnedMs;
    const row = shownMs === undefined ? undefined : rowAt(shownMs);
    const pinned = pinnedMs === undefined ? undefined : rowAt(pinnedMs);
    for (const plot of all('.plot')) {
      plot.classList.toggle('scrubbed', row !== undefined);
      plot.classList.toggle('pinned', pinned !== undefined);
    }
    for (const trend of all('[data-trend]')) trend.hidden = row !== undefined;
    for (const compare of all('[data-compare]')) compare.hidden = row === undefined;
    if (row === undefined) {
      for (const { element, text } of initial) element.textContent = text;
      return;
    }
    for (const name of NAMES) {
      write(`[data-value=${name}]`, measures[name].text(row[name]));
      write(`[data-compare=${name}]`, compareText(name, row, pinned));
      mark(name, ':not(.pin)', row);
      if (pinned !== undefined) mark(name, '.pin', pinned);
    }
    const when = spanOf(row);
    write('[data-when]', when);
    handle.valueAsNumber = rows.indexOf(row);
    const texts = NAMES.map((name) => `${name} ${measures[name].text(row[name])}`);
    handle.setAttribute('aria-valuetext', `${when}: ${texts.join(', ')}`);
  };

  const point = (time: number | undefined): void => {
    pointedMs = time;
    show();
  };
  const togglePin = (time: number | undefined): void => {
    pinnedMs = pinnedMs === undefined ? time : undefined;
    show();
  };

  for (const plot of all('.plot')) {
    const lines = plot.querySelector('.lines') ?? plot;
    const timeAt = ({ clientX }: MouseEvent): number => {
      const box = lines.getBoundingClientRect();
      return from + ((clientX - box.left) / box.width) * (to - from);
    };
    plot.addEventListener('pointermove', (event) => point(timeAt(event)));
    plot.addEventListener('click', (event) => togglePin(timeAt(event)));
    for (const end of ['pointerleave', 'pointercancel']) plot.addEventListener(end, () => point(undefined));
  }
  for (const hint of all('.hint')) hint.hidden = false;
  handle.hidden = false;
  handle.addEventListener('focus', () => point(rowAt(pointedMs ?? pinnedMs ?? to).middle));
  handle.addEventListener('blur', () => handle.isConnected && point(undefined));
  handle.addEventListener('input', () => point(rows[handle.valueAsNumber]?.middle));
  handle.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    togglePin(pointedMs);
  });
  show();
  return show;
};
