// The kernel's counters of the devices that netifd names: how a router's own agent reads its WAN. Tells a WAN that is
// down from a /proc that is not the router's (a container without its network), where another source must serve.
import type { WanSample, WanSource } from '../record.ts';
import { ProcfsWan } from './procfs.ts';
import { UbusMap, type UbusMapOptions } from './ubusmap.ts';

export interface MappedProcfsOptions extends UbusMapOptions {
	readonly proc?: string;
	readonly sys?: string;
}

export class MappedProcfs implements WanSource {
	readonly name = 'procfs';
	readonly map: UbusMap;
	readonly #clock: UbusMapOptions['clock'];
	readonly #procfs: ProcfsWan;
	#asked = false;
	/** Since when none of the WAN's devices is there. */
	#absentMono: number | null = null;

	constructor(options: MappedProcfsOptions) {
		const { proc, sys, clock } = options;
		this.#clock = clock;
		this.map = new UbusMap(options);
		this.#procfs = new ProcfsWan({
			clock,
			...(proc === undefined ? {} : { proc }),
			...(sys === undefined ? {} : { sys }),
			map: () => this.map.forProcfs(),
		});
	}

	start(): void {
		this.map.start();
		this.#procfs.start();
	}

	async stop(): Promise<void> {
		this.#asked = false;
		this.#absentMono = null;
		await this.map.stop();
		await this.#procfs.stop();
	}

	/** Rejects as `ProcfsWan` does, and when netifd's WAN is up but its devices are in no /proc of this machine. */
	async sample(): Promise<WanSample> {
		// Whoever can be asked is asked first: what the routes say meanwhile would be another WAN, and a baseline more.
		if (!this.#asked) await this.map.ask().catch(() => {});
		this.#asked = true;
		const sample = await this.#procfs.sample();
		const wans = this.map.current()?.wans ?? [];
		if (sample.devices.length > 0 || wans.length === 0) {
			this.#absentMono = null;
			return sample;
		}
		// A line that redials is up in a map from before: only what netifd says from now on tells.
		this.#absentMono ??= this.#clock.mono();
		if (this.map.answeredMono <= this.#absentMono) {
			this.map.hint();
			return sample;
		}
		const names = wans.map(({ l3Device }) => l3Device).join(', ');
		throw new Error(`netifd says that ${names} is up, but /proc has it not: this /proc is not the router's`);
	}
}
