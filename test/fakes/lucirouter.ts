// What a router's LuCI tells of itself: devices, routes and counters in the shapes that were recorded, as ubus and
// Lua LuCI put them. No HTTP and no sessions here.
import { readFileSync } from 'node:fs';
import type { LuciRelease } from './lucirelease.ts';

export interface FakeDevice {
	rx: bigint;
	tx: bigint;
	ifindex: number;
}

export type Json = { [name: string]: unknown };

/** The recorded answer's body as JSON. */
function recorded(name: string): Json {
	return JSON.parse(JSON.parse(readFileSync(`test/fixtures/openwrt/${name}.json`, 'utf8')).response.body);
}

export class LuciRouter {
	readonly release: LuciRelease;
	readonly devices = new Map<string, FakeDevice>([
		['eth0', { rx: 1n, tx: 2n, ifindex: 2 }],
		['eth1', { rx: 596n, tx: 682n, ifindex: 3 }],
	]);
	/** The logical interface, its device and lower device; null: no default route. */
	wan: { name: string; l3: string; lower: string; proto: string } | null = {
		name: 'wan',
		l3: 'eth1',
		lower: 'eth1',
		proto: 'static',
	};
	offload: { soft: boolean; hard: boolean } = { soft: false, hard: false };
	/** Seconds of the router's clock; luci-bwc writes a row at each. */
	now = 1_795_405_637;
	/** luci-bwc runs: rows follow the clock. */
	bwc = true;
	readonly #asked = new Map<string, number>();
	readonly #rows = new Map<string, unknown[][]>();

	constructor(release: LuciRelease) {
		this.release = structuredClone(release);
	}

	grow(name: string, rx: bigint, tx: bigint): void {
		const device = this.devices.get(name)!;
		device.rx += rx;
		device.tx += tx;
	}

	/** What the object answers: status, and data when it is 0. */
	ubus(call: string, args: Json): unknown[] {
		const name = String(args.name ?? args.device);
		const device = this.devices.get(name);
		if (call === 'network.interface dump') return [0, this.#dump()];
		if (call === 'network.device status') return device ? [0, deviceStatus(device)] : [2];
		if (call === 'luci-rpc getNetworkDevices') return [0, this.#networkDevices()];
		if (call === 'luci getRealtimeStats') return [0, { result: this.bwcRows(name, 64) }];
		if (call === 'uci get') {
			const flag = (on: boolean) => (on ? '1' : '0');
			const { soft, hard } = this.offload;
			return [0, { values: { cfg01: { flow_offloading: flag(soft), flow_offloading_hw: flag(hard) } } }];
		}
		return [3];
	}

	#dump(): Json {
		const [, data] = recorded(`${this.release.recorded}/ubus-dump`).result as [number, Json];
		const entries = (data.interface as Json[]).filter((entry) => entry.interface === 'lan');
		const model = (data.interface as Json[]).find((entry) => entry.interface === 'wan')!;
		const { wan } = this;
		const ours = wan && { ...model, interface: wan.name, l3_device: wan.l3, device: wan.lower, proto: wan.proto };
		return { interface: ours ? [...entries, ours] : entries };
	}

	#networkDevices(): Json {
		const [, data] = recorded(`${this.release.recorded}/ubus-getNetworkDevices`).result as [number, Json];
		const model = data.eth1 as Json;
		const entries = [...this.devices].map(([name, device]) => {
			const stats = { ...(model.stats as Json), ...statistics(device) };
			return [name, { ...model, name, ifindex: device.ifindex, stats }];
		});
		return Object.fromEntries(entries);
	}

	/** The data of a login, with root's rights in this release. */
	login(): Json {
		const [, data] = recorded(`${this.release.recorded}/ubus-login`).result as [number, Json];
		return { ...data, acls: { ...(data.acls as Json), ubus: this.release.rights } };
	}

	/** An entry of `iface_status`. */
	iface(id: string): Json {
		const wan = this.wan;
		const device = wan && id === wan.name ? this.devices.get(wan.l3) : undefined;
		if (!wan || !device) return { id, name: id, type: 'ethernet' };
		return {
			id,
			proto: wan.proto,
			uptime: 310,
			gwaddr: '203.0.113.1',
			name: wan.l3,
			type: 'ethernet',
			ifname: wan.l3,
			is_up: true,
			rx_bytes: device.rx,
			tx_bytes: device.tx,
			rx_packets: device.rx / 1000n,
			tx_packets: device.tx / 1000n,
			subdevices: [],
		};
	}

	/**
	 * luci-bwc: a call starts the daemon, which goes on for 10 s after the last one and writes a row each second; an
	 * answer has the rows that are there, so after a pause those of before.
	 */
	bwcRows(name: string, bits: 32 | 64): unknown[][] {
		const rows = this.#rows.get(name) ?? [];
		const device = this.devices.get(name);
		const asked = this.#asked.get(name);
		if (this.bwc && device && asked !== undefined) {
			const bytes = (value: bigint) => BigInt.asUintN(bits, value);
			const row = [bytes(device.rx), bytes(device.rx / 1000n), bytes(device.tx), bytes(device.tx / 1000n)];
			const last = rows[rows.length - 1];
			if (this.now - asked > bwcStaysS) rows.push([asked + bwcStaysS, ...(last?.slice(1) ?? row)]);
			else if (last?.[0] !== this.now) rows.push([this.now, ...row]);
		}
		if (this.bwc) this.#asked.set(name, this.now);
		this.#rows.set(name, rows.slice(-60));
		return rows;
	}
}

/** How long luci-bwc runs on when nobody asks. */
const bwcStaysS = 10;

function deviceStatus(device: FakeDevice): Json {
	const [, data] = recorded('http/ubus-device-status').result as [number, Json];
	return { ...data, statistics: { ...(data.statistics as Json), ...statistics(device) } };
}

function statistics({ rx, tx }: FakeDevice): Json {
	return { rx_bytes: rx, tx_bytes: tx, rx_packets: rx / 1000n, tx_packets: tx / 1000n };
}
