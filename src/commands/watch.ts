// `netmon watch [HOST[:PORT]]`: the live view of an agent of the LAN. With a host it registers there; without one it
// listens for broadcasts and shows the first agent that it hears.
import { lookup } from 'node:dns/promises';
import type { Frame } from '../sinks/frame.ts';
import { type Output, TerminalView } from '../sinks/terminal.ts';
import { addressKind, parseAddress } from '../system/address.ts';
import { type Clock, every } from '../system/clock.ts';
import { defaultBroadcastPort } from '../system/target.ts';
import { Discovery, type Found } from './discovery.ts';
import { Subscription } from './subscription.ts';

export interface WatchOptions {
	/** A name or an address; null: listen for broadcasts. */
	readonly host: string | null;
	/** null: 17890 at a host, 17892 for broadcasts. */
	readonly port: number | null;
	readonly clock: Clock;
	readonly stdout: Output & {
		on(event: 'error', listener: () => void): unknown;
		off(event: 'error', listener: () => void): unknown;
	};
	/** Ends the command (SIGINT). */
	readonly signal: AbortSignal;
	/** NO_COLOR and TERM are looked at. */
	readonly env?: Readonly<Record<string, string | undefined>>;
}

const defaultPort = 17890;
/** Frames come each second: after three of them something is wrong. */
const silenceMs = 2_500;

/** Runs until `signal`; resolves with the exit code: 0, or 1 when it could not begin (with a sentence on stdout). */
export async function watch(options: WatchOptions): Promise<number> {
	const { stdout, env = process.env } = options;
	const end = new AbortController();
	const stop = () => end.abort();
	// `netmon watch | head -1`: the reader has gone, and so do we.
	stdout.on('error', stop);
	options.signal.addEventListener('abort', stop);
	if (options.signal.aborted) stop();
	const watcher = new Watcher(new TerminalView({ stdout, env }), options.clock);
	try {
		const ended = new Promise<null>((resolve) => {
			if (end.signal.aborted) resolve(null);
			end.signal.addEventListener('abort', () => resolve(null), { once: true });
		});
		const begun = options.host === null ? discover(options, watcher) : subscribe(options, options.host, watcher);
		// A resolver may take long; whoever presses ^C does not wait for it.
		const source = await Promise.race([begun, ended]);
		if (source === null) return 0;
		await source.start();
		watcher.start();
		try {
			await ended;
		} finally {
			watcher.stop();
			await source.stop();
		}
		return 0;
	} catch (error) {
		watcher.say((error as Error).message);
		return 1;
	} finally {
		options.signal.removeEventListener('abort', stop);
		stdout.off('error', stop);
	}
}

interface Source {
	start(): Promise<void>;
	stop(): Promise<void>;
}

async function subscribe(options: WatchOptions, host: string, watcher: Watcher): Promise<Source> {
	const port = options.port ?? defaultPort;
	const address = await resolve(host);
	const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
	watcher.silence =
		`nothing comes from ${place}: does netmon run there, is its UDP port ${port} (--listen-port), ` +
		'and is this machine in its LAN?';
	watcher.say(`asking ${place}`);
	return new Subscription({
		address,
		port,
		clock: options.clock,
		onFrame: (frame) => watcher.show(frame, place),
		onRefused: (status, retryS) => {
			const why = status === 'full' ? 'has as many listeners as it takes' : 'has two listeners of this machine already';
			watcher.say(`${place} ${why}: asking again in ${retryS} s`);
		},
		onEnded: () => watcher.say(`${place} was stopped: waiting for it to come back`),
	});
}

/** Of several addresses one of the LAN's: to a global one this machine would speak from a global one, which agents drop. */
async function resolve(host: string): Promise<string> {
	const found = await lookup(host, { all: true }).catch(({ code }: NodeJS.ErrnoException) => {
		throw new Error(`'${host}' is not known here (${code}): check the name, or use the agent's address`);
	});
	const isLocal = (text: string) => addressKind(parseAddress(text)!) !== 'global';
	return (found.find(({ address }) => isLocal(address)) ?? found[0]!).address;
}

async function discover(options: WatchOptions, watcher: Watcher): Promise<Source> {
	const port = options.port ?? defaultBroadcastPort;
	watcher.silence = `nothing was heard on UDP port ${port}: start an agent with --udp-broadcast lan, or name one: netmon watch HOST`;
	watcher.say(`listening for agents on UDP port ${port}`);
	let chosen: Found | null = null;
	return new Discovery({
		port,
		onAgent: (found) => {
			const name = `${found.frame.agent || 'an agent without a name'} at ${found.address}`;
			if (chosen === null) watcher.say(`found ${name}`);
			else watcher.say(`also heard: ${name}; to see that one: netmon watch ${found.address}`);
		},
		onFrame: (found) => {
			const { instance } = found.frame;
			// One that falls silent makes room for whoever speaks, be it the same after a restart.
			if (chosen && watcher.isSilent && chosen.frame.instance !== instance) chosen = null;
			chosen ??= found;
			// The same agent may be heard in two networks: the one it was found in counts.
			if (chosen.frame.instance !== instance || chosen.address !== found.address) return;
			watcher.show(found.frame, found.address);
		},
	});
}

/** Shows frames, and says when they stay away or some are missing. */
class Watcher {
	/** What to say when nothing comes. */
	silence = '';
	readonly #view: TerminalView;
	readonly #clock: Clock;
	#last: Frame | null = null;
	#lost = 0;
	#heardAt: number;
	#saidSilence = false;
	#place = '';
	#cancel: () => void = () => {};

	constructor(view: TerminalView, clock: Clock) {
		this.#view = view;
		this.#clock = clock;
		this.#heardAt = clock.mono();
	}

	get isSilent(): boolean {
		return this.#clock.mono() - this.#heardAt >= silenceMs;
	}

	start(): void {
		this.#heardAt = this.#clock.mono();
		this.#view.start();
		this.#cancel = every(this.#clock, 500, () => {
			if (!this.isSilent || this.#saidSilence) return;
			this.#saidSilence = true;
			this.say(this.silence);
			// What still stands there must not pass for what flows now.
			if (this.#last) this.#draw({ ...this.#last, coreStale: true, wanStale: true });
		});
	}

	stop(): void {
		this.#cancel();
		this.#view.stop();
	}

	say(text: string): void {
		this.#view.aboveLine(text);
	}

	show(frame: Frame, place: string): void {
		const last = this.#last;
		if (last?.instance === frame.instance) {
			const step = (frame.sequence - last.sequence) >>> 0;
			// The same once more, or one that was overtaken: what is shown is newer.
			if (step === 0 || step > 2 ** 31) return;
			this.#lost += step - 1;
		} else if (last) {
			this.say(
				last.agent === frame.agent ? `${frame.agent || place} has started anew` : `this is ${frame.agent || place} now`,
			);
		}
		if (this.#saidSilence) this.say(`${frame.agent || place} is heard`);
		this.#saidSilence = false;
		this.#heardAt = this.#clock.mono();
		this.#last = frame;
		this.#place = place;
		this.#draw(frame);
	}

	#draw(frame: Frame) {
		const notes = this.#lost === 0 ? [] : [`${this.#lost} frame${this.#lost > 1 ? 's were' : ' was'} lost on the way`];
		if (this.#saidSilence) notes.push('no frame has come since');
		this.#view.show(frame, { title: frame.agent, source: this.#place, notes });
	}
}
