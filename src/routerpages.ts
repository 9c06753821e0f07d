// What the router's LuCI shows beside status.json: history, devices and top, as files next to it, while somebody looks.
import { dirname } from 'node:path';
import type { AgentSettings } from './config.ts';
import type { Devices } from './engine/devices.ts';
import { devicesPage } from './engine/devicespage.ts';
import { historyPage, topPage } from './engine/historypage.ts';
import type { Keeping } from './keeping.ts';
import { Pages } from './sinks/pages.ts';
import type { Clock } from './system/clock.ts';

export interface RouterPagesOptions {
	readonly settings: AgentSettings;
	readonly clock: Clock;
	/** The history is in it. */
	readonly keeping: Keeping;
}

export class RouterPages {
	readonly #keeping: Keeping;
	readonly #pages: Pages;

	constructor({ settings, clock, keeping }: RouterPagesOptions) {
		const lookedFile = settings.router?.lookedFile ?? null;
		this.#keeping = keeping;
		this.#pages = new Pages({ folder: dirname(settings.statusFile), lookedFile, clock });
	}

	/** Each second. Throws what the file system says. @param notes sentences about the devices' tables */
	tick(devices: Devices, notes: readonly string[]): void {
		if (!this.#pages.isDue) return;
		const { history } = this.#keeping;
		const moment = this.#keeping.moment();
		const { today, seconds } = moment;
		const traffic = { today: history.devicesOf(today), month: history.devicesOf(today.slice(0, 7)) };
		this.#pages.write('devices', devicesPage(devices, seconds * 1000, { traffic, notes }));
		this.#pages.write('history', historyPage(history, moment));
		this.#pages.write('top', topPage(history, moment));
	}

	/** The agent ends, or goes on with other settings. */
	remove(): void {
		this.#pages.remove();
	}
}
