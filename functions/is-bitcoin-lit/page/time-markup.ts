import { html, type Markup } from '../../../shared/page/html.ts';
import { type TimeForm, timeText } from './format.ts';

/** A time in UTC, which the page's script rewrites in the reader's zone. */
export const renderTime = (time: number, form: TimeForm): Markup =>
  html`<time datetime="${new Date(time).toISOString()}" data-at="${time}" data-form="${form}">${timeText(time, form)}</time>`;
