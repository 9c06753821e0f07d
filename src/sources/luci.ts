// WAN counters of a router by its web interface: finds door, devices and the best call once, then asks that call
// each time. Slower by itself where the router is slow, quiet for minutes where it refuses us.
import type { WanSample, WanSource } from '../record.ts';
import type { CertificateRule } from '../system/certificate.ts';
import type { Clock } from '../system/clock.ts';
import type { Log } from '../system/log.ts';
import { LuciDesk } from './lucidesk.ts';
import { asLuciError, type LuciError, luciErrors } from './lucierror.ts';
import type { LuciLocation } from './lucilocation.ts';
import { type Door, doors, type LuciLogin } from './lucilogin.ts';
import { LuaCounters } from './lucilua.ts';
import { LuciMap } from './lucimap.ts';
import { LuciPatience, type RetryDelay } from './lucipatience.ts';
import { type Route, rpcRoutes } from './luciroute.ts';
import { LuciTalk } from './lucitalk.ts';
import { countersFor, devicesOf } from './wanmap.ts';

export interface LuciWanOptions extends LuciLogin {
	readonly url: LuciLocation;
	readonly certificate: CertificateRule;
	/** `wan_device`: these are the WAN, whatever the router says; empty = ask it. */
	readonly devices: readonly string[];
	/** For one request. */
	readonly timeoutMs: number;
	/** ms until the next try after so many failures in a row, null = none; absent = as suits what failed. */
	readonly retryDelay?: RetryDelay;
	readonly clock: Clock;
	readonly log: Log;
}

/** For `status` and `doctor`; null = not known (yet). */
export interface LuciDescription {
	/** With `https` when the router sent us there. */
	readonly url: string;
	readonly door: Door | null;
	/** Which releases answer like this. */
	readonly generation: string | null;
	/** The call that gives the counters. */
	readonly call: string | null;
	/** 32: they wrap at 4 GiB. */
	readonly counterBits: 32 | 64 | null;
	/** Devices of the last sample, and why these. */
	readonly devices: readonly string[];
	readonly why: string | null;
	readonly warnings: readonly string[];
	/** The router refuses a call for want of a right: which file to install is in `error`. */
	readonly missingRight: boolean;
	/** SHA-256 of the certificate that was seen, trusted or not. */
	readonly fingerprint: string | null;
	/** Logins since the start: one, plus one for each session that died. */
	readonly logins: number;
	readonly error: string | null;
}

export class LuciWan implements WanSource {
	readonly name = 'luci';
	readonly #options: LuciWanOptions;
	readonly #patience: LuciPatience;
	#talk: LuciTalk | null = null;
	#desk: LuciDesk | null = null;
	#map: LuciMap;
	#lua: LuaCounters | null = null;
	#route: Route | null = null;
	#routes: readonly Route[] = [];
	#running: Promise<WanSample> | null = null;
	#last: { devices: readonly string[]; why: string; call: string; counterBits: 32 | 64 | null } | null = null;
	#error: LuciError | null = null;

	constructor(options: LuciWanOptions) {
		this.#options = options;
		this.#patience = new LuciPatience(options.clock, options.retryDelay);
		this.#map = new LuciMap(options.devices, options.clock);
	}

	start(): void {
		if (this.#talk) return;
		const { url: location, certificate, timeoutMs, clock, log } = this.#options;
		this.#talk = new LuciTalk({
			location,
			certificate,
			timeoutMs,
			clock,
			onSecured: () => log.info(`${location.name} sends us to HTTPS: going on there (put https:// into luci_url)`),
		});
		this.#desk = new LuciDesk(this.#talk, this.#options);
	}

	async stop(): Promise<void> {
		this.#talk?.close();
		await this.#running?.catch(() => {});
		this.#talk = null;
		this.#desk = null;
		this.#forget();
	}

	/** One reading; a second call while one is under way gets the same. Rejects with `LuciError`. */
	sample(): Promise<WanSample> {
		this.#running ??= this.#sample().finally(() => {
			this.#running = null;
		});
		return this.#running;
	}

	/** The tries that `retryDelay` allows are used up: nothing will be asked any more. */
	get isOver(): boolean {
		return this.#patience.isOver;
	}

	describe(): LuciDescription {
		return {
			url: (this.#talk?.location ?? this.#options.url).base,
			door: this.#desk?.door ?? null,
			generation: this.#desk ? generation(this.#desk, this.#last?.call ?? null) : null,
			call: this.#last?.call ?? null,
			counterBits: this.#last?.counterBits ?? null,
			devices: this.#last?.devices ?? [],
			why: this.#last?.why ?? null,
			warnings: this.#map.warnings,
			missingRight: this.#error?.code === 'no-right',
			fingerprint: this.#talk?.fingerprint ?? this.#error?.fingerprint ?? null,
			logins: this.#desk?.logins ?? 0,
			error: this.#error?.message ?? null,
		};
	}

	async #sample(): Promise<WanSample> {
		const desk = this.#desk;
		if (!desk) throw luciErrors.stopped();
		const waiting = this.#patience.waiting();
		if (waiting) throw waiting;
		try {
			desk.begin();
			const sample = desk.door === null ? await this.#find(desk) : await this.#read(desk);
			this.#patience.done();
			this.#error = null;
			return sample;
		} catch (thrown) {
			const error = asLuciError(thrown);
			const again = this.#error?.code === error.code;
			this.#error = error;
			// What this router can do is to be found anew, unless it was merely out of reach or stammered once.
			const keep = error.code === 'unreachable' || error.code === 'stale' || (error.code === 'bad-answer' && !again);
			if (!keep) this.#forget();
			throw this.#patience.failed(error);
		}
	}

	/** Tries door after door until one leads to counters. */
	async #find(desk: LuciDesk): Promise<WanSample> {
		let refusal: LuciError | null = null;
		for (const door of doors) {
			this.#forget();
			if (!(await desk.enter(door))) continue;
			this.#routes = rpcRoutes();
			try {
				const sample = await this.#read(desk);
				this.#options.log.info(`logged in at ${desk.talk.host} (${door}); counters by ${sample.why}`);
				return sample;
			} catch (error) {
				// The right to no counter call: another door may have it. Anything else is no question of doors.
				const { code } = asLuciError(error);
				if (code !== 'no-right' && code !== 'not-luci') throw error;
				if (code === 'no-right') refusal ??= asLuciError(error);
			}
		}
		throw refusal ?? luciErrors.notLuci(desk.talk.location.base);
	}

	async #read(desk: LuciDesk): Promise<WanSample> {
		if (this.#lua) return this.#readLua(desk, this.#lua);
		const map = await this.#map.current(desk);
		if (map === null) return this.#readLua(desk, new LuaCounters());
		const devices = devicesOf(map);
		if (devices.length === 0) {
			this.#map.expire();
			return this.#told(desk.talk.clock.mono(), [], map.why, 'network.interface dump', null);
		}
		for (const route of this.#route
			? [this.#route]
			: this.#routes.filter((one) => desk.allows(one.object, one.method))) {
			try {
				const reading = await route.read(desk, devices);
				if (!reading) continue;
				this.#route = route;
				// A device that went away: the WAN may be another one now.
				if (reading.counters.length < devices.length) this.#map.expire();
				const counters = countersFor(map, reading.counters);
				return this.#told(reading.mono, counters, `${route.name}: ${map.why}`, route.name, route.counterBits);
			} catch (error) {
				if (asLuciError(error).code !== 'no-right' || this.#route) throw error;
			}
		}
		// It worked before: its object is gone while rpcd or netifd restarts.
		if (this.#route) throw luciErrors.away(desk.talk.host, `${this.#route.name} is gone`);
		throw luciErrors.noRight(desk.talk.host, this.#options.username, 'network.device status');
	}

	async #readLua(desk: LuciDesk, lua: LuaCounters): Promise<WanSample> {
		const reading = desk.door === 'form' ? await lua.read(desk, this.#options.devices) : null;
		if (!reading) throw luciErrors.notLuci(desk.talk.location.base);
		this.#lua = lua;
		const why = `${reading.call}: ${reading.why}`;
		return this.#told(reading.mono, reading.counters, why, reading.call, reading.counterBits);
	}

	#told(
		mono: number,
		devices: WanSample['devices'],
		why: string,
		call: string,
		counterBits: 32 | 64 | null,
	): WanSample {
		this.#last = { devices: devices.map((device) => device.name), why, call, counterBits };
		return { source: this.name, mono, devices, why, basis: call };
	}

	#forget(): void {
		this.#desk?.leave();
		this.#map = new LuciMap(this.#options.devices, this.#options.clock);
		this.#route = null;
		this.#routes = [];
		this.#lua = null;
		this.#last = null;
	}
}

/** A guess, from what this router has and has not. */
function generation(desk: LuciDesk, call: string | null): string | null {
	const { door, formSession } = desk;
	if (!door || !call) return null;
	if (formSession?.stok) return 'OpenWrt 15.05 or older';
	if (call === 'iface_status' || call === 'bandwidth_status') return 'OpenWrt 17.01 to 18.06, or a fork of that LuCI';
	if (formSession)
		return formSession.cookie?.startsWith('sysauth=') ? 'OpenWrt 19.07 or 21.02' : 'OpenWrt 22.03 or newer';
	if (desk.allows('luci', 'getUnixtime')) return 'OpenWrt 25.12 or newer';
	return desk.allows('luci', 'getVersion') ? 'OpenWrt 23.05 or 24.10' : 'OpenWrt 19.07 to 22.03';
}
