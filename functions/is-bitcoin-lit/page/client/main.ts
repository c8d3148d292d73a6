import { ageText } from '../format.ts';
import { keepLive, type LiveState } from './live.ts';
import { startScrub, unpin } from './scrub.ts';
import { startZone } from './zone.ts';

/*
 * The page's script. It renders nothing: for new data it fetches the page again and puts its `main` in place. So there is
 * only one renderer, the server, and the page is complete without this script.
 */

const AGE_MS = 1_000;

/** Without data for this long the feed is frozen. The server uses the same limit. */
const FROZEN_MS = 600_000;

const STATES: Readonly<Record<LiveState, string>> = {
  live: 'Live',
  polling: 'Updates once a minute',
  paused: 'Paused: Redis does not answer',
  lost: 'Reconnecting',
};

let state: LiveState | undefined;
let showScrub = () => {};

const main = () => document.querySelector<HTMLElement>('#main');
const trouble = () => main()?.dataset.trouble;
const verdict = () => document.querySelector('.verdict')?.textContent ?? '';

/** Shows the state of the connection, unless the data itself has a problem. */
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
  // The page was rendered when its data was fresh. Fetched again, it says that the feed is frozen.
  if (ageMs > FROZEN_MS && trouble() === '' && state === 'live') {
    main()?.setAttribute('data-trouble', 'frozen');
    update().catch(() => {});
  }
};

/** Replaces `main`. What the reader has opened stays open, and the focus stays where it is. */
const show = (fresh: Document): void => {
  const [old, next] = [main(), fresh.querySelector('#main')];
  if (old === null || next === null) return;
  const oldVerdict = verdict();
  const opened = [...old.querySelectorAll('details[open]')].map(({ id }) => id);
  const focused = document.activeElement?.closest('#main [id]')?.id;
  old.replaceWith(document.adoptNode(next));
  document.title = fresh.title;
  const [icon, freshIcon] = [document, fresh].map((page) => page.querySelector<HTMLLinkElement>('link[rel=icon]'));
  if (icon && freshIcon) icon.href = freshIcon.href;
  for (const id of opened) document.querySelector(`#${id}`)?.setAttribute('open', '');
  start();
  if (focused) document.querySelector<HTMLElement>(`#${focused}`)?.focus({ preventScroll: true });
  // Screen readers announce a new verdict.
  if (verdict() !== oldVerdict) document.querySelector('#status')?.replaceChildren(verdict());
};

const update = async (): Promise<void> => {
  const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
  if (!response.ok) throw new Error(`${response.status}`);
  show(new DOMParser().parseFromString(await response.text(), 'text/html'));
};

/** Sets up a new `main`: its times, its chart and its state. */
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
  document.querySelectorAll<HTMLElement>('.ranges a')[Number(key) - 1]?.click();
});

start();
setInterval(showAge, AGE_MS);
keepLive(new URL('is-bitcoin-lit/events', location.href), update, (next) => {
  state = next;
  showState();
});
