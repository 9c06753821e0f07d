// A simulated internet line with a proxy core behind it, from a seed: it knows which bytes on the wire are whose.
// Every 50 ms flows move bytes; each second somebody reads the device's counters and, a little apart, the core's.
import { randomFrom } from './random.ts';

export interface LineOptions {
	readonly seed: number;
	/** Payload of a full packet: 1448, or 64 kB where the kernel merges them. */
	readonly payload?: number;
	/** Headers of a packet in bytes. */
	readonly header?: number;
	/** ms that the core's frame is older than the WAN sample. */
	readonly skewMs?: number;
	/** Bytes that the tunnel adds per byte; only `down` and `up` go through it, small connections are direct. */
	readonly tunnel?: number;
	/** Bytes of a handshake that each connection adds, each way. */
	readonly handshake?: number;
}

/** Bytes per second or per event. Direction by the wire. */
export interface Load {
	/** Of the core, each direction, bytes per second of payload. */
	readonly down?: number;
	readonly up?: number;
	/** Share of time in which the core's flows pause. */
	readonly pauses?: number;
	/** What a slow client or uplink leaves standing in buffers, bytes. */
	readonly buffer?: number;
	/** Small connections per second: 300 bytes of request that the core does not count, 15 kB of answer. */
	readonly connections?: number;
	/** LAN to LAN through the core, bytes per second. */
	readonly local?: number;
	/** Past the core. */
	readonly bypassDown?: number;
	readonly bypassUp?: number;
	/** Of each 10 s bypass flows only in this share, that much faster. */
	readonly bypassBurst?: number;
}

interface Way {
	wan: number;
	packets: number;
	/** What the core has counted. */
	proxied: number;
	direct: number;
	/** Of `wan`, with headers. */
	bypass: number;
	/** On the wire, not in the core's counters yet (down), or the other way round (up). */
	standing: number;
}

type Core = Pick<LineMoment, 'core' | 'proxied'>;

const stepMs = 50;
const request = 300;
const answer = 15_000;

export interface LineMoment {
	readonly mono: number;
	readonly wan: { readonly up: number; readonly down: number };
	readonly packets: { readonly up: number; readonly down: number };
	readonly core: { readonly up: number; readonly down: number };
	/** Of `core`, what went through proxies: all but the small connections and what stays in the LAN. */
	readonly proxied: { readonly up: number; readonly down: number };
	readonly connections: number;
}

export class Line {
	readonly #options: Required<LineOptions>;
	readonly #random: () => number;
	readonly #ways: { up: Way; down: Way };
	#mono = 0;
	#connections = 0;
	#paused = false;
	#last = {
		wan: { up: 0, down: 0 },
		packets: { up: 0, down: 0 },
		core: { up: 0, down: 0 },
		proxied: { up: 0, down: 0 },
	};

	constructor(options: LineOptions) {
		this.#options = { payload: 1448, header: 66, skewMs: 30, tunnel: 0, handshake: 0, ...options };
		this.#random = randomFrom(options.seed);
		const way = () => ({ wan: 0, packets: 0, proxied: 0, direct: 0, bypass: 0, standing: 0 });
		this.#ways = { up: way(), down: way() };
	}

	/** Bytes of bypass on the wire so far, their own headers included. */
	get bypass() {
		return { up: this.#ways.up.bypass, down: this.#ways.down.bypass };
	}

	get wan() {
		return { up: this.#ways.up.wan, down: this.#ways.down.wan };
	}

	/** Lets `seconds` go by under `load`; a moment for each. */
	*run(load: Load, seconds: number): Generator<LineMoment> {
		for (let second = 0; second < seconds; second++) {
			let core: Core | null = null;
			for (let ms = 0; ms < 1000; ms += stepMs) {
				if (ms + stepMs > 1000 - this.#options.skewMs) core ??= this.#frame();
				this.#step(load);
			}
			yield this.#moment(core ?? this.#frame());
		}
	}

	/** What the core tells now. */
	#frame(): Core {
		const { up, down } = this.#ways;
		const proxied = { up: Math.round(up.proxied), down: Math.round(down.proxied) };
		const core = { up: proxied.up + Math.round(up.direct), down: proxied.down + Math.round(down.direct) };
		return { core, proxied };
	}

	#moment(frame: Core): LineMoment {
		const { up, down } = this.#ways;
		const wan = { up: Math.round(up.wan), down: Math.round(down.wan) };
		const packets = { up: Math.round(up.packets), down: Math.round(down.packets) };
		const now = { ...frame, wan, packets };
		const since = (name: keyof typeof now) => ({
			up: now[name].up - this.#last[name].up,
			down: now[name].down - this.#last[name].down,
		});
		const moment = {
			mono: this.#mono,
			wan: since('wan'),
			packets: since('packets'),
			core: since('core'),
			proxied: since('proxied'),
			connections: this.#connections,
		};
		this.#connections = 0;
		this.#last = now;
		return moment;
	}

	#step(load: Load): void {
		const share = stepMs / 1000;
		this.#mono += stepMs;
		if (this.#random() < share) this.#paused = this.#random() < (load.pauses ?? 0);
		const pace = this.#paused ? 0 : 0.5 + this.#random();
		this.#flow('down', (load.down ?? 0) * share * pace, load.buffer ?? 0);
		this.#flow('up', (load.up ?? 0) * share * pace, load.buffer ?? 0);
		const opened = Math.floor((load.connections ?? 0) * share + this.#random());
		for (let i = 0; i < opened; i++) this.#connection();
		this.#ways.down.direct += (load.local ?? 0) * share;
		this.#ways.up.direct += (load.local ?? 0) * share * 0.02;
		const burst = load.bypassBurst ?? 1;
		const bursting = (this.#mono / 10_000) % 1 < burst;
		if (bursting) {
			for (const [way, rate] of [
				['down', load.bypassDown ?? 0],
				['up', load.bypassUp ?? 0],
			] as const) {
				const bytes = (rate * share) / burst;
				this.#ways[way].bypass += this.#wire(way, bytes);
			}
		}
	}

	/** Payload on the wire with its headers, and what acknowledges it the other way. Bytes on the wire. */
	#wire(way: 'up' | 'down', bytes: number): number {
		const { payload, header } = this.#options;
		const packets = bytes / payload;
		const acknowledgements = packets * (payload > 1500 ? 1 : 0.5);
		const other = this.#ways[way === 'up' ? 'down' : 'up'];
		this.#ways[way].wan += bytes + packets * header;
		this.#ways[way].packets += packets;
		other.wan += acknowledgements * header;
		other.packets += acknowledgements;
		return bytes + packets * header;
	}

	/** Bytes of the core: counted late when received (read from the socket), early when sent (written to it). */
	#flow(way: 'up' | 'down', bytes: number, buffer: number): void {
		const moving = this.#ways[way];
		const goal = bytes > 0 ? buffer : 0;
		const change = Math.max(-moving.standing, Math.min(goal - moving.standing, bytes));
		// A buffer drains within a second when the flow ends.
		const drained = bytes > 0 ? change : -Math.min(moving.standing, buffer / 20 + 50_000);
		moving.standing += drained;
		const wire = way === 'down' ? bytes : bytes - drained;
		this.#wire(way, wire * (1 + this.#options.tunnel));
		moving.proxied += way === 'down' ? bytes - drained : bytes;
	}

	#connection(): void {
		const { header, handshake } = this.#options;
		this.#connections += 1;
		for (const way of [this.#ways.up, this.#ways.down]) {
			way.wan += 3 * (header + 4);
			way.packets += 3;
		}
		this.#wire('up', handshake);
		this.#wire('down', handshake);
		this.#wire('up', request);
		this.#wire('down', answer);
		this.#ways.down.direct += answer;
	}
}
