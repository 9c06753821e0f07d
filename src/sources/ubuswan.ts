// WAN counters from netifd's `network.device status`, for where /proc is not the router's. One call per WAN device:
// the call for all of them makes netifd read every device's files.
import type { DeviceCounters, WanSample, WanSource } from '../record.ts';
import type { BlobTable, BlobValue } from './blobmsg.ts';
import { UbusClient } from './ubus.ts';
import { statusInvalidArgument, UbusError } from './ubuserror.ts';
import { UbusMap, type UbusMapOptions } from './ubusmap.ts';
import { countersFor, devicesOf, type WanMap } from './wanmap.ts';

export interface UbusWanOptions extends UbusMapOptions {
	/** Devices that the owner named as the WAN; netifd is not asked for the map then. */
	readonly devices?: readonly string[];
}

export class UbusWan implements WanSource {
	readonly name = 'ubus';
	readonly #options: UbusWanOptions;
	readonly #named: readonly string[];
	readonly #map: UbusMap | null;
	readonly #client: UbusClient;

	constructor(options: UbusWanOptions) {
		this.#options = options;
		this.#named = options.devices ?? [];
		this.#map = this.#named.length > 0 ? null : new UbusMap(options);
		this.#client = this.#map?.client ?? new UbusClient(options);
	}

	start(): void {
		(this.#map ?? this.#client).start();
	}

	stop(): Promise<void> {
		return (this.#map ?? this.#client).stop();
	}

	/** The map in use, for status and doctor; null too where the owner named the devices. */
	current(): WanMap | null {
		return this.#map?.current() ?? null;
	}

	async sample(): Promise<WanSample> {
		const map = this.#map && (this.#map.current() ?? (await this.#map.ask()));
		const names = map ? devicesOf(map) : this.#named;
		const answers = await Promise.all(names.map((name) => this.#status(name)));
		const mono = this.#options.clock.mono();
		const devices = answers.filter((device) => device !== null);
		const missing = names.filter((_name, index) => answers[index] === null);
		// A redial or a failover is under way: the map is about to change.
		if (missing.length > 0) this.#map?.hint();
		const why = [map ? map.why : 'named by the settings', ...missing.map((name) => `netifd has no ${name} now`)];
		return { source: 'ubus', mono, devices: map ? countersFor(map, devices) : devices, why: why.join('; ') };
	}

	/** null = netifd does not know the device (now). */
	async #status(name: string): Promise<DeviceCounters | null> {
		try {
			const [status] = await this.#client.call('network.device', 'status', { name });
			return readDeviceStatus(name, status);
		} catch (error) {
			if (error instanceof UbusError && error.code === statusInvalidArgument) return null;
			throw error;
		}
	}
}

/** The counters in an answer of `network.device status`; null where it has none (a device that is not present). */
export function readDeviceStatus(name: string, status: BlobTable | undefined): DeviceCounters | null {
	const statistics = status?.statistics;
	if (typeof statistics !== 'object' || statistics === null || Array.isArray(statistics)) return null;
	const table = statistics as BlobTable;
	const rxBytes = counter(table.rx_bytes);
	const txBytes = counter(table.tx_bytes);
	if (rxBytes === null || txBytes === null) return null;
	const rxPackets = counter(table.rx_packets);
	return { name, ifindex: null, rxBytes, txBytes, rxPackets, txPackets: counter(table.tx_packets) };
}

/** int64 is read unsigned already; an int32 of an older netifd is an unsigned one too. */
function counter(value: BlobValue | undefined): bigint | null {
	if (typeof value === 'bigint') return value;
	if (typeof value !== 'number' || !Number.isInteger(value)) return null;
	return BigInt(value < 0 ? value >>> 0 : value);
}
