// What stands around every view: the side bar (a bar at the bottom on a phone), the state of the live stream, and the
// address bar, which says which view is open.

import { onWaiting } from './client.ts';
import { type Language, say } from './language/language.ts';
import { LiveFeed } from './now/livefeed.ts';
import { DeviceNames } from './parts/devicenames.ts';
import { el, fill, write } from './parts/element.ts';
import { icon } from './parts/icon.ts';
import { languageSwitch, themeSwitch } from './parts/switches.ts';
import { hashOf, type Place, parsePlace } from './place.ts';
import { token } from './session.ts';
import type { OpenView, Page, View } from './view.ts';
import { views } from './views.ts';

const devicesMs = 5 * 60_000;

export interface ShellOptions {
	/** With a sentence why, or '' when the viewer wanted it. */
	readonly onSignOut: (why: string) => void;
	readonly onLanguage: (language: Language) => void;
}

export interface Shell {
	readonly element: HTMLElement;
	start(): void;
	stop(): void;
}

export function openShell({ onSignOut, onLanguage }: ShellOptions): Shell {
	const feed = new LiveFeed({ onToken: () => onSignOut(say('token gone')) });
	const main = el('main', { id: 'view', tabindex: '-1' });
	const spoken = el('div', { class: 'unseen', 'aria-live': 'polite' });
	const lacking = el('p', { class: 'lacking', role: 'alert' });
	const links = views.map((view) => ({ view, link: el('a', { class: 'nav-link', href: `#${view.name}` }) }));
	for (const { view, link } of links) fill(link, icon(view.icon), el('span', { class: 'label' }, say(view.title)));
	const leave = el(
		'button',
		{ type: 'button', class: 'button quiet', on: { click: () => onSignOut('') } },
		icon('leave'),
		el('span', { class: 'label' }, say('sign out')),
	);
	const element = el(
		'div',
		{ class: 'shell' },
		el('a', { class: 'skip', href: '#view', on: { click: skipTo(main) } }, say('skip')),
		el(
			'header',
			{ class: 'side' },
			el(
				'div',
				{ class: 'brand' },
				el('span', { class: 'mark' }, icon('logo')),
				el('span', { class: 'label' }, 'netmon'),
			),
			el('nav', { class: 'nav', 'aria-label': say('views') }, ...links.map(({ link }) => link)),
			el('div', { class: 'side-end' }, languageSwitch(onLanguage), themeSwitch(), token() !== null && leave),
		),
		main,
		spoken,
	);

	let open: { readonly view: View; readonly opened: OpenView } | null = null;
	let place = parsePlace(location.hash);
	const devices = new DeviceNames();
	const leaving = new AbortController();
	let asking = 0;
	const askDevices = () => void devices.load(leaving.signal).then(() => open?.opened.show(place));
	const page: Page = {
		feed,
		devices,
		place: () => place,
		go: (next) => {
			if (hashOf(next) === hashOf(place)) return;
			history.pushState(null, '', hashOf(next));
			show();
		},
		replace: (next) => {
			history.replaceState(null, '', hashOf(next));
			show();
		},
		signOut: () => onSignOut(say('token gone')),
		announce: (text) => write(spoken, text),
	};

	function show(): void {
		place = parsePlace(location.hash);
		const view = views.find(({ name }) => name === place.view) ?? views[0]!;
		place = { ...place, view: view.name };
		for (const one of links) {
			if (one.view === view) one.link.setAttribute('aria-current', 'page');
			else one.link.removeAttribute('aria-current');
			one.link.href = hashOf(elsewhere(place, one.view.name));
		}
		if (open?.view !== view) {
			open?.opened.stop();
			const opened = view.open(page);
			open = { view, opened };
			document.title = `${say(view.title)} · netmon`;
			if (lacking.parentElement === main) fill(main, lacking, opened.element);
			else fill(main, opened.element);
			window.scrollTo(0, 0);
		}
		open.opened.show(place);
	}

	return {
		element,
		start() {
			window.addEventListener('popstate', show);
			onWaiting((n) => {
				if (n === 0) return lacking.remove();
				write(lacking, say('waiting', { n }));
				if (lacking.parentElement !== main) main.prepend(lacking);
			});
			// What the view asks comes first.
			show();
			feed.start();
			askDevices();
			asking = window.setInterval(askDevices, devicesMs);
		},
		stop() {
			window.removeEventListener('popstate', show);
			window.clearInterval(asking);
			leaving.abort();
			open?.opened.stop();
			feed.stop();
		},
	};
}

/** Range and filters go along from view to view; a view's own choices do not. */
function elsewhere(place: Place, view: string): Place {
	return place.view === view ? place : { ...place, view, choices: {} };
}

function skipTo(main: HTMLElement) {
	return (event: Event) => {
		event.preventDefault();
		main.focus();
	};
}
