// What a view is, and what it is given. How one is added: docs/dashboard.md.

import type { TextName } from './language/language.ts';
import type { LiveFeed } from './now/livefeed.ts';
import type { DeviceNames } from './parts/devicenames.ts';
import type { IconName } from './parts/icon.ts';
import type { Place } from './place.ts';

/** What every view may use. */
export interface Page {
	readonly feed: LiveFeed;
	readonly devices: DeviceNames;
	/** Where the viewer is. */
	place(): Place;
	/** Goes there: into the address bar, and from there to `show`. */
	go(place: Place): void;
	/** As `go`, without a step to go back to: what typing and paging change. */
	replace(place: Place): void;
	/** A request was refused for its token: back to the login. */
	signOut(): void;
	/** Says it to a screen reader. */
	announce(text: string): void;
}

export interface OpenView {
	readonly element: HTMLElement;
	/** The place has changed; called once after opening too. */
	show(place: Place): void;
	/** Ends timers, requests and listeners. */
	stop(): void;
}

export interface View {
	/** In the address bar. */
	readonly name: string;
	readonly title: TextName;
	readonly icon: IconName;
	open(page: Page): OpenView;
}
