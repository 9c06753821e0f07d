// The body of the simulated core's `GET /proxies`, with ids that a restart or a reload renews.

import type { Dice } from './dice.ts';
import { goJson } from './flow.ts';
import { proxies } from './home.ts';

export class ProxyTable {
	readonly #dice: Dice;
	readonly #ids = new Map<string, string>();

	constructor(dice: Dice) {
		this.#dice = dice;
		this.renew();
	}

	/** Every proxy gets a new id, as on a restart and on a reload. */
	renew(): void {
		for (const { name, all } of proxies) if (!all) this.#ids.set(name, this.#dice.uuid(6));
	}

	id(name: string): string {
		return this.#ids.get(name) ?? '';
	}

	/** The node that `name` is dialled through; null = none. */
	dialer(name: string): string | null {
		return proxies.find((proxy) => proxy.name === name)?.dialer ?? null;
	}

	text(): string {
		const table = proxies.map(({ name, type, all, dialer }) => {
			const common = { alive: true, 'dialer-proxy': dialer ?? '', extra: {}, history: [] };
			const end = { name, 'routing-mark': 0, smux: false, tfo: false, type, udp: true, uot: false, xudp: false };
			const middle = { interface: '', mptcp: false };
			if (all) {
				return [name, { alive: true, all, 'dialer-proxy': '', extra: {}, history: [], ...middle, now: all[0], ...end }];
			}
			return [name, { ...common, id: this.#ids.get(name), ...middle, ...end }];
		});
		return `${goJson({ proxies: Object.fromEntries(table) })}\n`;
	}
}
