import { html } from '../../../shared/page/html.ts';
import { fitScale, place } from './chart.ts';
import { explain, priceText, sentimentText, timeText } from './format.ts';
import { type History, type Summary, toSeries } from './series.ts';

const WIDTH = 1200;
const LINE = { top: 380, height: 190 };

/** The result as an SVG of 1200 by 630, the usual size of link previews. */
export const renderShareImage = (summary: Summary, history: History): string => {
  const { points, from, to } = toSeries(summary, history);
  const scale = fitScale(points.length > 0 ? points.map(({ price }) => price) : [0], 20);
  const toX = (time: number) => Math.round(place(time, { low: from, high: to }) * WIDTH);
  const toY = (price: number) => Math.round(LINE.top + (1 - place(price, scale)) * LINE.height);
  const line = points.map(({ middle, price }) => `${toX(middle)},${toY(price)}`).join(' ');
  const last = summary.hourly_average_of_averages.at(-1);
  const asOf = Date.parse(summary.as_of);
  const lamp = summary.lit ? '#ff8f3d' : '#2b2e35';
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 630" font-family="sans-serif" fill="#f3f1ec">
<rect width="100%" height="100%" fill="#0e0f12"/>
<circle cx="1080" cy="140" r="62" fill="${lamp}"/>
<text x="72" y="92" font-size="30" fill="#a0a3ad">Is Bitcoin lit?</text>
<text x="66" y="232" font-size="148" font-weight="700">${summary.lit ? 'Lit' : 'Not lit'}</text>
<text x="72" y="300" font-size="36">${explain(summary)}</text>
<polyline points="${line}" fill="none" stroke="#ffa366" stroke-width="5" stroke-linejoin="round"/>
<text x="72" y="606" font-size="26" fill="#a0a3ad">${priceText(last?.price ?? 0)} · sentiment ${sentimentText(last?.sentiment ?? 0)} · ${timeText(asOf, 'date')}, ${timeText(asOf, 'clock')} UTC</text>
</svg>`.text;
};
