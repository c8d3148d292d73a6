import { clockText, priceText, sentimentText } from '../format.ts';

interface Points {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly rows: readonly (readonly [start: number, price: number, sentiment: number])[];
}

const STEPS_PER_PAGE = 12;

const number = (element: HTMLElement, name: string): number => Number(element.dataset[name]);

const readPoints = (): Points | undefined =>
  JSON.parse(document.querySelector('#points')?.textContent ?? 'null') ?? undefined;

/** Shows the values of one point in time: under the pointer, under a finger, or by the arrow keys. */
export const startScrub = (): void => {
  const points = readPoints();
  const handle = document.querySelector<HTMLElement>('#scrub');
  const plots = [...document.querySelectorAll<HTMLElement>('.plot')];
  const values = [...document.querySelectorAll<HTMLElement>('[data-value]')];
  const whens = [...document.querySelectorAll<HTMLElement>('[data-when]')];
  if (points === undefined || points.rows.length === 0 || handle === null) return;
  const { from, to, stepMs, rows } = points;
  const standing = [...values, ...whens].map((element) => ({ element, text: element.textContent }));
  let shown = rows.length - 1;

  const show = (index: number): void => {
    shown = Math.min(Math.max(index, 0), rows.length - 1);
    const [start, price, sentiment] = rows[shown] ?? [0, 0, 0];
    const x = `${((start + stepMs / 2 - from) / (to - from)) * 100}%`;
    const when = `${clockText(start)} – ${clockText(start + stepMs)} UTC`;
    for (const plot of plots) {
      const value = plot.dataset.series === 'price' ? price : sentiment;
      const [low, high] = [number(plot, 'low'), number(plot, 'high')];
      const cross = plot.querySelector('.cross');
      cross?.setAttribute('x1', x);
      cross?.setAttribute('x2', x);
      const dot = plot.querySelector('.dot');
      dot?.setAttribute('cx', x);
      dot?.setAttribute('cy', `${(1 - (value - low) / (high - low)) * 100}%`);
      plot.classList.add('scrubbed');
    }
    for (const element of values) {
      element.textContent = element.dataset.value === 'price' ? priceText(price) : sentimentText(sentiment);
    }
    for (const element of whens) element.textContent = when;
    handle.setAttribute('aria-valuenow', String(shown));
    handle.setAttribute('aria-valuetext', `${when}: price ${priceText(price)}, sentiment ${sentimentText(sentiment)}`);
  };

  const rest = (): void => {
    for (const { element, text } of standing) element.textContent = text;
    for (const plot of plots) plot.classList.remove('scrubbed');
  };

  const nearest = (time: number): number => {
    const after = rows.findIndex(([start]) => start + stepMs / 2 >= time);
    if (after <= 0) return after < 0 ? rows.length - 1 : 0;
    const [next = [0], before = [0]] = [rows[after], rows[after - 1]];
    return next[0] + before[0] + stepMs > 2 * time ? after - 1 : after;
  };

  const KEYS = new Map<string, () => number>([
    ['ArrowLeft', () => shown - 1],
    ['ArrowDown', () => shown - 1],
    ['ArrowRight', () => shown + 1],
    ['ArrowUp', () => shown + 1],
    ['PageDown', () => shown - STEPS_PER_PAGE],
    ['PageUp', () => shown + STEPS_PER_PAGE],
    ['Home', () => 0],
    ['End', () => rows.length - 1],
  ]);

  for (const plot of plots) {
    const lines = plot.querySelector('.lines');
    plot.addEventListener('pointermove', ({ clientX }) => {
      const box = (lines ?? plot).getBoundingClientRect();
      show(nearest(from + ((clientX - box.left) / box.width) * (to - from)));
    });
    plot.addEventListener('pointerleave', rest);
    plot.addEventListener('pointercancel', rest);
  }
  handle.hidden = false;
  handle.setAttribute('aria-valuemax', String(rows.length - 1));
  handle.setAttribute('aria-valuenow', String(shown));
  handle.addEventListener('focus', () => show(shown));
  handle.addEventListener('blur', rest);
  handle.addEventListener('keydown', (event) => {
    const move = KEYS.get(event.key);
    if (move === undefined) return;
    event.preventDefault();
    show(move());
  });
};
