import { type TimeForm, timeText } from '../format.ts';

/*
 * Times in the reader's zone, or in UTC on demand; the choice is remembered. The server writes UTC, so without this
 * script the page says UTC and means it.
 */

const KEY = 'times';
const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const isForm = (text: string | undefined): text is TimeForm => /^(clock|day|date|tick)$/.test(text ?? '');
const isUtc = (): boolean => localStorage.getItem(KEY) === 'UTC' || OWN_ZONE === 'UTC';

export const zone = (): string => (isUtc() ? 'UTC' : OWN_ZONE);

/** `17:00 – 17:05`, with the day in front where the chart has more than one. */
export const spanText = (start: number, end: number, hasDays: boolean): string => {
  const clocks = `${timeText(start, 'clock', zone())} – ${timeText(end, 'clock', zone())}`;
  return `${hasDays ? `${timeText(start, 'day', zone())}, ` : ''}${clocks}${isUtc() ? ' UTC' : ''}`;
};

/** Rewrites every time of the page, and lets its button change the zone. @param onChange after each change */
export const startZone = (onChange: () => void): void => {
  const button = document.querySelector<HTMLButtonElement>('#zone');
  const show = (): void => {
    for (const element of document.querySelectorAll<HTMLElement | SVGElement>('[data-at]')) {
      const { at, form } = element.dataset;
      if (isForm(form)) element.textContent = timeText(Number(at), form, zone());
    }
    for (const element of document.querySelectorAll('[data-zone]')) element.textContent = isUtc() ? 'UTC' : 'your time';
    if (button !== null) button.textContent = isUtc() ? 'Show your time' : 'Show UTC';
  };
  show();
  if (button === null || OWN_ZONE === 'UTC') return;
  button.hidden = false;
  button.addEventListener('click', () => {
    localStorage.setItem(KEY, isUtc() ? 'own' : 'UTC');
    show();
    onChange();
  });
};
