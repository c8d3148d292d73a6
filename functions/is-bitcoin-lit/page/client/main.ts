import { ageText } from '../format.ts';
import { keepLive, type LiveState } from './live.ts';
import { startScrub, unpin } from './scrub.ts';
import { startZone } from './zone.ts';

/*
 * The page's script. It draws nothing: news arrives as the page itself, made by the server, and is put in place. So
 * there is one way to render, and the page is whole without this script.
 */

const AGE_MS = 1_000;

/** No data for this long and the feed is frozen, as the server says too. */
const FROZEN_MS = 600_000;
const RANGE_KEYS = ['1', '2', '3'];

const STATES: Readonly<Record<LiveState, string>> = {
  live: 'Live',
  polling: 'Updates once a minute',
  paused: 'Paused: the store does not answer',
  lost: 'Reconnecting',
};

let state: LiveState | undefined;
let showScrub = () => {};

const main = () => document.querySelector<HTMLElement>('#main');
const trouble = () => main()?.dataset.trouble;
const verdict = () => document.querySelector('.verdict')?.textContent ?? '';

/** One state for the page: what the connection is like, unless the figures themselves are in trouble. */
const showState = (): void => {
  const element = document.querySelector<HTMLElement>('#live');
  if (element === null || state === undefined) return;
  const isFrozen = trouble() === 'frozen' && (state === 'live' || state === 'polling');
  const shown = state !== 'lost' && trouble() === 'away' ? 'paused' : state;
  element.hidden = false;
  element.dataset.state = isFrozen ? 'frozen' : shown;
  element.textContent = isFrozen ? 'Feed frozen' : STATES[shown];
};

const showAge = (): void => {
  const element = document.querySelector<HTMLTimeElement>('.age time');
  if (element === null) return;
  const ageMs = Date.now() - Date.parse(element.dateTime);
  element.textContent = `${ageText(ageMs / 1000)} ago`;
  // The page was rendered while the figures were fresh: the server says the rest.
  if (ageMs > FROZEN_MS && trouble() === '' && state === 'live') {
    main()?.setAttribute('data-trouble', 'frozen');
    update().catch(() => {});
  }
};

const show = (fresh: Document): void => {
  const [old, next] = [main(), fresh.querySelector('#main')];
  if (old === null || next === null) return;
  const said = verdict();
  const opened = [...old.querySelectorAll('details[open]')].map(({ id }) => id);
  const focused = document.activeElement?.closest('#main [id]')?.id;
  old.replaceWith(document.adoptNode(next));
  document.title = fresh.title;
  const icons = [document, fresh].map((page) => page.querySelector<HTMLLinkElement>('link[rel=icon]'));
  if (icons[0] && icons[1]) icons[0].href = icons[1].href;
  for (const id of opened) document.querySelector(`#${id}`)?.setAttribute('open', '');
  start();
  if (focused) document.querySelector<HTMLElement>(`#${focused}`)?.focus({ preventScroll: true });
  const status = document.querySelector('#status');
  if (status !== null && verdict() !== said) status.textContent = verdict();
};

const update = async (): Promise<void> => {
  const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
  if (!response.ok) throw new Error(`${response.status}`);
  show(new DOMParser().parseFromString(await response.text(), 'text/html'));
};

/** What a new `main` needs: its times, its points, its state. */
const start = (): void => {
  startZone(() => showScrub());
  showScrub = startScrub();
  showState();
};

document.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
  if (ctrlKey || metaKey || altKey) return;
  if (key === 'Escape') {
    unpin();
    showScrub();
  }
  const range = RANGE_KEYS.indexOf(key);
  if (range >= 0) document.querySelectorAll<HTMLElement>('.ranges a')[range]?.click();
});

start();
setInterval(showAge, AGE_MS);
keepLive(new URL('is-bitcoin-lit/events', location.href), {
  asOf: () => main()?.dataset.asOf ?? '',
  isCutOff: () => trouble() === 'away',
  update,
  onState: (next) => {
    state = next;
    showState();
  },
});
