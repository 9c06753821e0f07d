// Frames to whoever listens on the LAN, without registration: to interfaces' broadcast addresses, addresses and
// groups. TTL 1, sockets of its own, bound to the LAN address they leave by; never onto a WAN device.

import type { Live } from '../record.ts';
import { addressKind } from '../system/address.ts';
import type { Clock } from '../system/clock.ts';
import { type LocalAddress, type Network, ownerOf } from '../system/network.ts';
import type { BroadcastTarget } from '../system/target.ts';
import { encodeDisplay48, encodeFrame, type Identity } from './frame.ts';
import { UdpSocket } from './socket.ts';

export interface BroadcasterOptions {
	readonly targets: readonly BroadcastTarget[];
	readonly identity: Identity;
	readonly network: Network;
	readonly wanDevices: () => readonly string[];
	/** The devices that `lan` means (OpenWrt's); null: every one with a private address that is not the WAN. */
	readonly lanDevices: () => readonly string[] | null;
	readonly clock: Clock;
	/** A sentence for each target that cannot be served, once until it changes. */
	readonly onProblem?: (text: string) => void;
}

export interface BroadcastCounters {
	readonly frames: number;
	readonly bytes: number;
	readonly sendErrors: number;
	/** Where frames go now, as `ADDRESS:PORT`. */
	readonly routes: readonly string[];
}

/** One way that frames go. */
interface Route {
	readonly from: LocalAddress;
	readonly to: string;
	readonly port: number;
	readonly format: BroadcastTarget['format'];
}

/** Addresses change with leases and cables. */
const resolveMs = 30_000;

export class Broadcaster {
	readonly #options: BroadcasterOptions;
	/** By the local address they are bound to. */
	readonly #sockets = new Map<string, UdpSocket>();
	#routes: readonly Route[] = [];
	#resolvedAt = -Infinity;
	#problems: readonly string[] = [];
	#sequence = 0;
	#frames = 0;
	#bytes = 0;
	#sendErrors = 0;
	#stopped = false;

	constructor(options: BroadcasterOptions) {
		this.#options = options;
	}

	/** Never rejects: a target that cannot be served now is tried anew every 30 s. */
	async start(): Promise<void> {
		await this.#resolve();
	}

	/** To be called once a second. */
	send(live: Live): void {
		if (this.#stopped) return;
		if (this.#options.clock.mono() - this.#resolvedAt >= resolveMs) void this.#resolve();
		this.#sequence = (this.#sequence + 1) >>> 0;
		const payloads = new Map<Route['format'], Uint8Array>();
		const wanDevices = this.#options.wanDevices();
		for (const { from, to, port, format } of this.#routes) {
			// What was the LAN when routes were found may have become the WAN since.
			if (wanDevices.includes(from.device)) continue;
			const bytes = payloads.get(format) ?? this.#encode(format, live);
			payloads.set(format, bytes);
			this.#sockets.get(bindText(from))?.send(bytes, port, to);
		}
	}

	counters(): BroadcastCounters {
		const routes = this.#routes.map(({ to, port }) => (to.includes(':') ? `[${to}]:${port}` : `${to}:${port}`));
		return { frames: this.#frames, bytes: this.#bytes, sendErrors: this.#sendErrors, routes };
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		const sockets = [...this.#sockets.values()];
		this.#sockets.clear();
		await Promise.all(sockets.map((socket) => socket.stop()));
	}

	#encode(format: Route['format'], live: Live): Uint8Array {
		return format === 'old' ? encodeDisplay48(live) : encodeFrame(live, this.#options.identity, this.#sequence);
	}

	async #resolve(): Promise<void> {
		this.#resolvedAt = this.#options.clock.mono();
		const routes = new Map<string, Route>();
		const problems: string[] = [];
		for (const target of this.#options.targets) {
			const found = this.#routesOf(target);
			if (typeof found === 'string') problems.push(`${target.text}: ${found}`);
			else for (const route of found) routes.set(`${bindText(route.from)} ${route.to} ${route.port}`, route);
		}
		this.#routes = [...routes.values()];
		const needed = new Map(this.#routes.map(({ from }) => [bindText(from), from]));
		for (const [key, socket] of this.#sockets) {
			if (needed.has(key)) continue;
			this.#sockets.delete(key);
			void socket.stop();
		}
		const missing = [...needed].filter(([key]) => !this.#sockets.has(key));
		const failures = await Promise.all(missing.map(([key, from]) => this.#open(key, from)));
		problems.push(...failures.filter((text) => text !== null));
		for (const text of problems) if (!this.#problems.includes(text)) this.#options.onProblem?.(text);
		this.#problems = problems;
	}

	async #open(key: string, from: LocalAddress): Promise<string | null> {
		const socket = new UdpSocket({
			family: from.address.family,
			port: 0,
			host: key,
			onSent: (bytes) => {
				this.#frames += 1;
				this.#bytes += bytes;
			},
			onError: () => {
				this.#sendErrors += 1;
			},
		});
		this.#sockets.set(key, socket);
		try {
			await socket.start((bound) => {
				bound.setTTL(1);
				bound.setMulticastTTL(1);
				if (from.address.family === 4) bound.setBroadcast(true);
				bound.setMulticastInterface(from.address.family === 4 ? from.text : `::%${from.device}`);
			});
			return null;
		} catch (error) {
			this.#sockets.delete(key);
			return `${from.device} ${from.text}: frames cannot leave here (${(error as Error).message})`;
		}
	}

	#routesOf({ where, port, format }: BroadcastTarget): readonly Route[] | string {
		const { network, wanDevices } = this.#options;
		const locals = network.addresses();
		const wan = wanDevices();
		if (where.kind === 'device' || where.kind === 'lan') {
			const devices = where.kind === 'lan' ? this.#lanDevices() : [where.device];
			const inside = devices.filter((device) => !wan.includes(device));
			if (where.kind === 'device') {
				if (inside.length === 0) return 'it is a WAN device, and frames never go there';
				if (!locals.some((local) => local.device === where.device)) return 'no such interface is up with an address';
			}
			const routes = locals
				.filter((local) => inside.includes(local.device) && local.broadcast !== null)
				.map((from) => ({ from, to: from.broadcast!, port, format }));
			return routes.length > 0
				? routes
				: 'no broadcast address was found (it needs IPv4 on an interface that is not the WAN)';
		}
		const { address, text } = where;
		if (where.kind === 'address') {
			const from = ownerOf(address, locals, wan);
			if (!from) return 'this address is in no subnet of this machine';
			if (wan.includes(from.device))
				return `this address is reached by the WAN device ${from.device}, and frames never go there`;
			return [{ from, to: text, port, format }];
		}
		const devices = address.zone === '' ? this.#lanDevices() : [address.zone];
		const routes = locals
			.filter((local) => devices.includes(local.device) && !wan.includes(local.device))
			.filter((local) => local.address.family === address.family)
			// A group of IPv6 is left by the link-local address, which every IPv6 interface has.
			.filter((local) => address.family === 4 || addressKind(local.address) !== 'global')
			.filter((local, at, all) => address.family === 4 || all.findIndex((one) => one.device === local.device) === at)
			.map((from) => ({ from, to: text, port, format }));
		return routes.length > 0 ? routes : 'no LAN interface was found that this group could leave by';
	}

	#lanDevices(): readonly string[] {
		const told = this.#options.lanDevices();
		if (told) return told;
		const wan = this.#options.wanDevices();
		return this.#options.network
			.addresses()
			.filter(({ address, device }) => addressKind(address) === 'private' && !wan.includes(device))
			.map(({ device }) => device);
	}
}

/** What a socket is bound to; a link-local address needs its interface. */
function bindText({ text, address, device }: LocalAddress): string {
	return address.family === 6 && addressKind(address) === 'link-local' ? `${text}%${device}` : text;
}
