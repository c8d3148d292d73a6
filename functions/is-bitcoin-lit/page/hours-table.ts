import { html, type Markup } from '../../../shared/page/html.ts';
import { HOUR_MS } from '../../../shared/timing.ts';
import { countText, priceText, sentimentText } from './format.ts';
import type { Hour } from './series.ts';
import { renderTime } from './time-markup.ts';

const rowOf = ({ start, price, sentiment, samples, complete }: Hour): Markup => html`<tr>
<th scope="row"><span class="day">${renderTime(start, 'day')}</span> ${renderTime(start, 'clock')}<span class="until"> – ${renderTime(start + HOUR_MS, 'clock')}</span>${!complete && html` <span class="tag">so far</span>`}</th>
<td>${priceText(price)}</td><td>${sentimentText(sentiment)}</td><td>${countText(samples)}</td>
</tr>`;

/** A table of hourly averages. */
export const renderHours = (caption: string, hours: readonly Hour[]): Markup => html`<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Hour, <span data-zone>UTC</span></th><th scope="col">Price</th><th scope="col">Sentiment</th><th scope="col">Samples</th></tr></thead>
<tbody>${hours.map(rowOf)}</tbody>
</table>`;
