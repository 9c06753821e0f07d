// Counters of Lua LuCI (15.05 to 18.06 and the forks of it), after a login by form: `iface_status` by the WAN's
// logical names, else `bandwidth_status` of a device.
import { type Iface, ifaceStatus, lastRow } from './lucicounters.ts';
import type { LuciDesk } from './lucidesk.ts';
import { luciErrors } from './lucierror.ts';
import { Freshness } from './lucifresh.ts';
import { freshRows, type Reading } from './luciroute.ts';

export interface LuaReading extends Reading {
	readonly why: string;
	/** `iface_status` or `bandwidth_status`. */
	readonly call: string;
	/** 32: they wrap at 4 GiB; null: depends on the release. */
	readonly counterBits: 32 | null;
}

/** What routers of that time call their ways out; a name that is not there costs nothing. */
const logicalNames = ['wan', 'wan6', 'wan_6', 'wwan', 'wwan6', 'wan2', 'wanb', 'modem', 'lte', '4g'];

export class LuaCounters {
	readonly #freshness = new Freshness();

	/** `given`: the devices (or logical names) that are the WAN, empty = find them. null: no such pages here. */
	async read(desk: LuciDesk, given: readonly string[]): Promise<LuaReading | null> {
		const named = `named in wan_device: ${given.join(', ')}`;
		const names = [...new Set([...logicalNames, ...given])].map(encodeURIComponent).join(',');
		const page = await desk.page(`admin/network/iface_status/${names}`);
		const ifaces = page && ifaceStatus(page.value);
		if (page && ifaces) {
			const wans = given.length > 0 ? chosen(ifaces, given) : found(ifaces);
			const counters = wans.flatMap((wan) => wan.counters ?? []);
			const all = counters.length === wans.length && (given.length === 0 || wans.length >= given.length);
			if (all) return { counters, mono: page.mono, why: whyThese(wans), call: 'iface_status', counterBits: null };
			const devices = wans.map((wan) => wan.device);
			return given.length > 0 ? this.#bandwidth(desk, given, named) : this.#bandwidth(desk, devices, whyThese(wans));
		}
		// A page that is there but tells nothing would be a login page, an error: `page` has judged that.
		if (given.length > 0) return this.#bandwidth(desk, given, named);
		if (await this.#hasBandwidth(desk)) throw luciErrors.noDevice(desk.talk.host);
		return null;
	}

	async #bandwidth(desk: LuciDesk, devices: readonly string[], why: string): Promise<LuaReading | null> {
		const got = await freshRows(desk, this.#freshness, devices, async () => {
			const rows = [];
			let mono = 0;
			// One request in flight, and the page takes one device: with several the answers are some ms apart.
			for (const name of devices) {
				const page = await desk.page(`admin/status/realtime/bandwidth_status/${encodeURIComponent(name)}`);
				if (!page) return null;
				rows.push(lastRow(page.value, name));
				mono = page.mono;
			}
			return { rows, mono };
		});
		return got && { ...got, why, call: 'bandwidth_status', counterBits: 32 };
	}

	async #hasBandwidth(desk: LuciDesk): Promise<boolean> {
		const page = await desk.page('admin/status/realtime/bandwidth_status/eth0');
		return page !== null && Array.isArray(page.value);
	}
}

function chosen(ifaces: readonly Iface[], given: readonly string[]): Iface[] {
	return unique(ifaces.filter(({ id, device }) => given.includes(device) || given.includes(id)));
}

/** Those that are up and know a gateway; where none tells a gateway, those that are up. */
function found(ifaces: readonly Iface[]): Iface[] {
	const up = ifaces.filter((iface) => iface.up);
	const out = up.filter((iface) => iface.gateway);
	return unique(out.length > 0 ? out : up.slice(0, 1));
}

/** wan and wan6 are one device. */
function unique(ifaces: readonly Iface[]): Iface[] {
	return ifaces.filter((iface, i) => ifaces.findIndex((other) => other.device === iface.device) === i);
}

function whyThese(wans: readonly Iface[]): string {
	if (wans.length === 0)
		return `no interface of LuCI's that is up is called ${logicalNames.slice(0, 4).join(', ')} or alike`;
	return wans.map(({ id, device }) => `interface ${id} (${device})`).join(', ');
}
