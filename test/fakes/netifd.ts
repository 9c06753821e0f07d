// netifd's two objects on a fake ubusd, in the shapes of the recorded `network.interface dump` and `network.device
// status`; a test moves interfaces and counters by hand.
import type { BlobInput } from '../../src/sources/blobmsg.ts';
import { Sized } from '../../src/sources/blobmsg.ts';
import { readTranscript } from './transcript.ts';
import type { FakeUbusd } from './ubus.ts';

type Table = { readonly [name: string]: BlobInput };

export interface LogicalInterface {
	readonly interface: string;
	readonly proto: string;
	readonly l3_device?: string;
	readonly device?: string;
	readonly up?: boolean;
	readonly metric?: number;
	readonly route?: readonly Table[];
	readonly inactive?: Table;
	readonly errors?: readonly Table[];
	readonly uptime?: number;
}

export const default4 = (more: Table = {}): Table => ({
	target: '0.0.0.0',
	mask: 0,
	nexthop: '203.0.113.1',
	source: '0.0.0.0/0',
	...more,
});
export const default6 = (more: Table = {}): Table => ({
	target: '::',
	mask: 0,
	nexthop: 'fe80::1',
	source: '2001:db8::/56',
	...more,
});

/** The recorded answers, as tables. */
export function recordedAnswer(transcript: string): Table {
	const answers = readTranscript(transcript).messages.filter(({ dir, means }) => dir === 'server' && means.attrs.DATA);
	return answers[0]!.means.attrs.DATA as Table;
}

export class FakeNetifd {
	interfaces: LogicalInterface[] = [];
	/** Bytes and packets by device; a device that is not here is unknown to netifd (status 2). */
	readonly devices = new Map<string, { rx: bigint; tx: bigint }>();
	readonly #ubusd: FakeUbusd;

	constructor(ubusd: FakeUbusd) {
		this.#ubusd = ubusd;
	}

	/** Comes up; a second time is a restart: new ids. */
	start(): void {
		this.#ubusd.publish('network.interface', { dump: () => [this.dump()] });
		this.#ubusd.publish('network.device', {
			status: ({ name }) => {
				if (typeof name !== 'string')
					return [Object.fromEntries([...this.devices.keys()].map((key) => [key, this.#status(key)]))];
				return this.devices.has(name) ? [this.#status(name)] : 2;
			},
		});
	}

	stop(): void {
		this.#ubusd.remove('network.interface');
		this.#ubusd.remove('network.device');
	}

	grow(device: string, rx: number | bigint, tx: number | bigint): void {
		const old = this.devices.get(device) ?? { rx: 0n, tx: 0n };
		this.devices.set(device, { rx: old.rx + BigInt(rx), tx: old.tx + BigInt(tx) });
	}

	/** As netifd sends it: the hint comes twice. */
	tell(action: 'ifup' | 'ifdown', name: string): void {
		for (let times = 0; times < 2; times++) this.#ubusd.event('network.interface', { action, interface: name });
	}

	dump(): Table {
		return {
			interface: this.interfaces.map((entry) => ({ up: true, uptime: 100, metric: 0, route: [], ...entry }) as Table),
		};
	}

	#status(name: string): Table {
		const { rx, tx } = this.devices.get(name)!;
		const recorded = recordedAnswer('device-status');
		const statistics = Object.fromEntries(
			Object.entries(recorded.statistics as Record<string, number>).map(([key, value]) => [
				key,
				new Sized('int64', value),
			]),
		);
		return {
			...recorded,
			statistics: { ...statistics, rx_bytes: new Sized('int64', rx), tx_bytes: new Sized('int64', tx) },
		};
	}
}
