import { ageText } from '../format.ts';
import { keepLive, type LiveState } from './live.ts';
import { startScrub } from './scrub.ts';

/*
 * The page's script. It draws nothing: news arrives as the page itself, made by the server, and is put in place. So
 * there is one way to render, and the page is whole without this script.
 */

const AGE_MS = 1_000;

const STATES: Readonly<Record<LiveState, string>> = {
  live: 'Updates live',
  polling: 'Checked every minute',
  lost: 'Reconnecting',
};

const main = () => document.querySelector<HTMLElement>('#main');
const verdict = () => document.querySelector('.verdict')?.textContent ?? '';

const showAge = (): void => {
  const element = document.querySelector<HTMLTimeElement>('.age time');
  if (element === null) return;
  element.textContent = `${ageText((Date.now() - Date.parse(element.dateTime)) / 1000)} ago`;
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
  startScrub();
  if (focused) document.querySelector<HTMLElement>(`#${focused}`)?.focus({ preventScroll: true });
  const status = document.querySelector('#status');
  if (status !== null && verdict() !== said) status.textContent = verdict();
};

const update = async (): Promise<void> => {
  const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
  if (!response.ok) throw new Error(`${response.status}`);
  show(new DOMParser().parseFromString(await response.text(), 'text/html'));
};

const onState = (state: LiveState): void => {
  const element = document.querySelector<HTMLElement>('#live');
  if (element === null) return;
  element.hidden = false;
  element.dataset.state = state;
  element.textContent = STATES[state];
};

startScrub();
setInterval(showAge, AGE_MS);
keepLive(new URL('is-bitcoin-lit/events', location.href), {
  asOf: () => main()?.dataset.asOf ?? '',
  update,
  onState,
});
