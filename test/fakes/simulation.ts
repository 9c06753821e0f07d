// The traffic of a home through a simulated core, from a seed: no socket and no clock of its own, `step(ms)` lets
// time pass, `read()` makes a frame, `truth()` tells what really was. Numbers mean what they say, names are of home.ts.
import type { Bytes } from '../../src/record.ts';
import { Dice } from './dice.ts';
import type { Flow } from './flow.ts';
import { blocked, type Destination, destinations, ownDownload } from './home.ts';
import { Opener } from './opener.ts';
import { ProxyTable } from './proxies.ts';
import { Rate } from './rate.ts';
import { defaults, type SimulationOptions } from './simulationoptions.ts';
import { type RunTruth, Tracker } from './tracker.ts';

export type { SimulationOptions };

/** A connection as the traffic sees it. */
interface Talk {
	readonly flow: Flow;
	readonly to: Destination;
	/** Bytes of this one against another's. */
	readonly weight: number;
	/** The carrier of a node with `dialer-proxy`: moves the same bytes, is in no total. */
	readonly transport: Flow | null;
	growing: boolean;
}

/** How fast the busy ones change places: each is drawn anew about this often. */
const redrawMs = 20_000;
const ownDownloadShare = 0.01;
const blipShare = 1 / 70;
/** After a restart the clients come back at this many times the churn, at least 50 a second. */
const comeBackFactor = 10;
const comeBackPerSecond = 50;

export class Simulation {
	readonly #options: Required<SimulationOptions>;
	readonly #dice: Dice;
	readonly #tracker = new Tracker();
	readonly #opener: Opener;
	readonly #proxies: ProxyTable;
	readonly #talks: Talk[] = [];
	/** Silent UDP ones, the first to go first. */
	#lingering: { talk: Talk; until: number }[] = [];
	/** TCP to REJECT that a reading may catch, with nothing in it; gone in the next step. */
	readonly #blips: Flow[] = [];
	#now = 0;
	/** Since the last step. */
	#opened = 0;
	#resting = false;
	readonly #rates: { readonly direct: Rate; readonly proxy: Rate };
	/** Parts of a connection that did not make a whole one in the last step. */
	readonly #due = { churn: 0, shorts: 0, rejects: 0, back: 0 };

	constructor(options: SimulationOptions) {
		this.#options = { ...defaults, ...options };
		this.#dice = new Dice(options.seed);
		this.#opener = new Opener(this.#dice, destinations, this.#options.udp);
		this.#proxies = new ProxyTable(this.#dice);
		const half = this.#options.rate / 2;
		this.#rates = { direct: new Rate(this.#dice, half), proxy: new Rate(this.#dice, half) };
		while (this.#tracker.flows.length < options.connections) this.#open();
	}

	/** ms that have passed. */
	get now(): number {
		return this.#now;
	}

	/** What the newest frame could say at best. */
	get total(): Bytes {
		return { ...this.#tracker.total };
	}

	get listed(): number {
		return this.#tracker.flows.length;
	}

	/** DIRECT's `id` in `/proxies`: new after each restart and each reload. */
	get directId(): string {
		return this.#proxies.id('DIRECT');
	}

	/** The body of `GET /proxies`. */
	proxiesText(): string {
		return this.#proxies.text();
	}

	/** Lets `ms` pass. */
	step(ms: number): void {
		this.#now += ms;
		this.#expire();
		if (this.#resting) return;
		const { churn, shorts, rejects, connections } = this.#options;
		for (const flow of this.#blips.splice(0)) this.#tracker.close(flow);
		for (let n = this.#whole('churn', churn, ms); n > 0; n -= 1) this.#open();
		for (; this.#opened > 0 && this.#tracker.flows.length > connections; this.#opened -= 1) this.#end();
		this.#opened = 0;
		if (this.#tracker.flows.length < connections) {
			const back = Math.max(comeBackPerSecond, churn * comeBackFactor);
			for (let n = this.#whole('back', back, ms); n > 0 && this.#tracker.flows.length < connections; n -= 1)
				this.#open();
		}
		this.#redraw(ms);
		this.#flow(ms);
		for (let n = this.#whole('shorts', shorts, ms); n > 0; n -= 1) {
			this.#tracker.pass(this.#dice.int(200, 4_000), this.#dice.int(500, 40_000));
		}
		for (let n = this.#whole('rejects', rejects, ms); n > 0; n -= 1) {
			this.#tracker.pass(this.#dice.int(40, 1_200), 0);
			if (this.#dice.chance(blipShare))
				this.#blips.push(this.#tracker.open(this.#opener.describe(blocked, this.#wall)));
		}
		if (this.#tracker.memory > 0) this.readMemory();
	}

	/** A frame of `/connections` as the core would write it now, with traffic in its seams. */
	read(): Buffer {
		if (this.#resting) return this.#tracker.read();
		const halves: (() => void)[] = [];
		const frame = this.#tracker.read({
			walked: () => {
				if (this.#seam()) this.#move(this.#open(), this.#some(), this.#some());
				for (const talk of this.#few()) halves.push(this.#tracker.raise(talk.flow, this.#some(), this.#some()));
			},
			totalsRead: () => {
				for (const finish of halves.splice(0, this.#dice.int(0, halves.length))) finish();
				for (const talk of this.#few()) this.#move(talk, this.#some(), this.#some());
			},
		});
		for (const finish of halves) finish();
		return frame;
	}

	/** Nothing moves, opens or closes from now on (silent UDP still leaves), until `resume`. */
	rest(): void {
		this.#resting = true;
	}

	resume(): void {
		this.#resting = false;
	}

	/** The process ends and comes back: totals 0, new ids; the clients reconnect over the next seconds. */
	restart(): void {
		this.#tracker.restart();
		this.#proxies.renew();
		this.#talks.length = 0;
		this.#blips.length = 0;
		this.#lingering = [];
	}

	/** `PUT /configs`: new ids in `/proxies`, totals and connections stay. */
	reload(): void {
		this.#proxies.renew();
	}

	/** `/memory` was read: from now on frames tell it. Answers bytes. */
	readMemory(): number {
		this.#tracker.memory = 60_000_000 + this.#dice.int(0, 8_000_000);
		return this.#tracker.memory;
	}

	/** One entry per life of the core, the newest last. */
	truth(): RunTruth[] {
		return this.#tracker.truth();
	}

	get #wall(): number {
		return this.#options.startWall + this.#now;
	}

	#open(): Talk {
		const to = this.#dice.chance(ownDownloadShare) ? ownDownload : this.#opener.destination();
		const flow = this.#tracker.open(this.#opener.describe(to, this.#wall));
		this.#opened += 1;
		const carrier = this.#proxies.dialer(to.chains[0]!);
		const talk: Talk = {
			flow,
			to,
			weight: to.weight * (0.2 + this.#dice.next() ** 3 * 4),
			transport: carrier === null ? null : this.#tracker.open(this.#opener.describeTransport([carrier], this.#wall)),
			growing: this.#dice.chance(this.#options.growing),
		};
		this.#talks.push(talk);
		return talk;
	}

	/** One of the living ends: TCP leaves the list, UDP falls silent. */
	#end(): void {
		const index = this.#dice.int(0, this.#talks.length - 1);
		const talk = this.#talks[index];
		const last = this.#talks.pop();
		if (!talk || !last) return;
		if (last !== talk) this.#talks[index] = last;
		if (talk.flow.is.network === 'udp') this.#lingering.push({ talk, until: this.#now + this.#options.udpIdleMs });
		else this.#close(talk);
	}

	#close(talk: Talk): void {
		this.#tracker.close(talk.flow);
		if (talk.transport) this.#tracker.close(talk.transport);
	}

	#expire(): void {
		const alive = this.#lingering.findIndex(({ until }) => until > this.#now);
		const gone = this.#lingering.splice(0, alive < 0 ? this.#lingering.length : alive);
		for (const { talk } of gone) this.#close(talk);
	}

	#redraw(ms: number): void {
		if (this.#talks.length === 0) return;
		for (let n = Math.ceil((this.#talks.length * ms) / redrawMs); n > 0; n -= 1) {
			this.#dice.pick(this.#talks).growing = this.#dice.chance(this.#options.growing);
		}
	}

	/** The bytes of one step: half the rate direct, half proxied, each wandering by itself. */
	#flow(ms: number): void {
		const weights = { direct: 0, proxy: 0 };
		for (const { growing, weight, flow } of this.#talks) if (growing) weights[kind(flow)] += weight;
		const perWeight = { direct: 0, proxy: 0 };
		for (const name of ['direct', 'proxy'] as const) {
			const bytes = this.#rates[name].step(ms);
			perWeight[name] = weights[name] > 0 ? bytes / weights[name] : 0;
		}
		for (const talk of this.#talks) {
			if (!talk.growing) continue;
			const bytes = perWeight[kind(talk.flow)] * talk.weight * (0.5 + this.#dice.next());
			const ratio = talk.to.upPerDown;
			this.#move(talk, Math.ceil(ratio > 1 ? bytes : bytes * ratio), Math.ceil(ratio > 1 ? bytes / ratio : bytes));
		}
	}

	#move(talk: Talk, up: number, down: number): void {
		this.#tracker.move(talk.flow, up, down);
		if (talk.transport) this.#tracker.move(talk.transport, up, down);
	}

	#seam(): boolean {
		return this.#dice.chance(this.#options.interleave);
	}

	/** None, or up to four that live. */
	#few(): Talk[] {
		if (!this.#seam() || this.#talks.length === 0) return [];
		return Array.from({ length: this.#dice.int(1, 4) }, () => this.#dice.pick(this.#talks));
	}

	#some(): number {
		return this.#dice.int(1, this.#options.interleaveBytes);
	}

	#whole(name: 'churn' | 'shorts' | 'rejects' | 'back', perSecond: number, ms: number): number {
		this.#due[name] += (perSecond * ms) / 1000;
		const whole = Math.floor(this.#due[name]);
		this.#due[name] -= whole;
		return whole;
	}
}

function kind(flow: Flow): 'direct' | 'proxy' {
	return flow.is.class === 'direct' ? 'direct' : 'proxy';
}
