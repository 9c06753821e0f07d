// The icons, as paths on a grid of 24, drawn in the colour of the text beside them.
import { svg } from './element.ts';

const paths = {
	logo: 'M3 13h4l3-8 4 14 3-6h4',
	now: 'M3 12h4l2.5-6 4 12 3-8 1.5 2h3',
	history: 'M4 20V10m5.3 10V4m5.4 16v-8M20 20V7',
	connections: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
	months: 'M5 5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Zm-1 5h16M8 3v4m8-4v4',
	down: 'M12 5v14m-6-6 6 6 6-6',
	up: 'M12 19V5m-6 6 6-6 6 6',
	sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-5v1.5m0 15V21m9-9h-1.5m-15 0H3m15.4-6.4-1.1 1.1M6.7 17.3l-1.1 1.1m12.8 0-1.1-1.1M6.7 6.7 5.6 5.6',
	moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
	language:
		'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm-9 9h18M12 3c2.5 2.6 3.8 5.6 3.8 9s-1.3 6.4-3.8 9c-2.5-2.6-3.8-5.6-3.8-9S9.5 5.6 12 3Z',
	leave: 'M14 4h4a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-4M10 16l-4-4 4-4m-4 4h9',
	search: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12Zm4.5 10.500 4 4',
	close: 'M6 6l12 12M18 6 6 18',
	check: 'M5 12.500 10 17l9-10',
	warning: 'M12 4 2.800 19.500h18.400L12 4Zm0 6v4.500m0 2.500h.01',
	left: 'M14 6l-6 6 6 6',
	right: 'M10 6l6 6-6 6',
	download: 'M12 4v11m-5-4.500 5 5 5-5M5 20h14',
	table: 'M4 5h16v14H4zM4 10h16M4 14.500h16M10 10v9',
	zoomout: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12Zm4.500 10.500 4 4M8.500 11h5',
	filter: 'M4 6h16M7 12h10m-7 6h4',
	again: 'M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4',
	router:
		'M4 14h16v5H4zM8 16.500h.01M11 16.500h.01M17 14V9m-3-1.500a4.200 4.200 0 0 1 6 0M12.200 5.600a6.800 6.800 0 0 1 9.600 0',
} as const;

export type IconName = keyof typeof paths;

/** Decoration: what it means stands beside it, or in the label of its button. */
export function icon(name: IconName): SVGElement {
	return svg(
		'svg',
		{ viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
		svg('path', { d: paths[name] }),
	);
}
