import { type TimeForm, timeText } from '../format.ts';

/* Shows times in the reader's time zone, or in UTC at the press of a button, and remembers the choice. */

const KEY = 'times';
const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const isForm = (text: string | undefined): text is TimeForm => /^(clock|day|date|tick)$/.test(text ?? '');
const isUtc = (): boolean => localStorage.getItem(KEY) === 'UTC' || OWN_ZONE === 'UTC';

export const zone = (): string => (isUtc() ? 'UTC' : OWN_ZONE);

/** `17:00 – 17:05`, with the day in front if `hasDay`. */
export const spanText = (start: number, end: number, hasDay: boolean): string => {
  const day = hasDay ? `${timeText(start, 'day', zone())}, ` : '';
  const clocks = `${timeText(start, 'clock', zone())} – ${timeText(end, 'clock', zone())}`;
  return `${day}${clocks}${isUtc() ? ' UTC' : ''}`;
};

const showTimes = (): void => {
  for (const element of document.querySelectorAll<HTMLElement | SVGElement>('[data-at]')) {
    const { at, form } = element.dataset;
    if (isForm(form)) element.textContent = timeText(Number(at), form, zone());
  }
  for (const element of document.querySelectorAll('[data-zone]')) element.textContent = isUtc() ? 'UTC' : 'your time';
  document.querySelector('#zone')?.replaceChildren(isUtc() ? 'Show your time' : 'Show UTC');
};

/** Rewrites every time on the page, now and whenever the reader changes the zone. */
export const startZone = (onChange: () => void): void => {
  showTimes();
  const button = document.querySelector<HTMLButtonElement>('#zone');
  if (button === null || OWN_ZONE === 'UTC') return;
  button.hidden = false;
  button.addEventListener('click', () => {
    localStorage.setItem(KEY, isUtc() ? 'own' : 'UTC');
    showTimes();
    onChange();
  });
};
