// The WAN counters from the best source there is: takes the first of an ordered list that works, falls down to the
// next when the one in use fails, tries upward again each minute. No source has more than one sample in flight.
import type { WanSample, WanSource, WanSourceName } from '../record.ts';
import type { Clock } from '../system/clock.ts';

export type WanSourceSetting = 'auto' | 'none' | WanSourceName;

/** The names to try, best first (issue 4, point 4): on OpenWrt the kernel, then ubus, then LuCI; elsewhere LuCI when it was given. */
export function sourceOrder(
	setting: WanSourceSetting,
	facts: { readonly openwrt: boolean; readonly luci: boolean },
): WanSourceName[] {
	if (setting === 'none') return [];
	if (setting !== 'auto') return [setting];
	if (facts.openwrt) return facts.luci ? ['procfs', 'ubus', 'luci'] : ['procfs', 'ubus'];
	return facts.luci ? ['luci', 'procfs'] : ['procfs'];
}

export interface WanChooserOptions {
	readonly clock: Clock;
	/** Best first. */
	readonly sources: readonly WanSource[];
	/** ms between two ticks: a source whose answers take longer than half of it is asked less often. */
	readonly intervalMs: number;
	/** @param intervalMs ms between two samples at the pace this source keeps */
	readonly onSample: (sample: WanSample, intervalMs: number) => void;
	/** The source in use did not answer; `error` is a sentence. */
	readonly onFailure: (error: string, source: WanSourceName) => void;
	/** Another source is in use; `why` is a sentence. */
	readonly onChange?: (source: WanSourceName, why: string) => void;
}

const failuresToFall = 3;
const upwardEveryMs = 60_000;
/** How much of an interval a tick may come too early. */
const earlyShare = 0.4;

export class WanChooser {
	readonly #options: WanChooserOptions;
	readonly #clock: Clock;
	#running = false;
	#inUse = 0;
	/** Grows with each change of source and each start: what was asked before is not listened to. */
	#uses = 0;
	/** Whether the source in use has had a device since it is in use: then having none is a WAN that is down. */
	#proven = false;
	#failures = 0;
	#lastError = '';
	#why = '';
	#busy: Promise<void> | null = null;
	#climbing: Promise<void> | null = null;
	#notBefore = 0;
	#upwardDue = 0;

	constructor(options: WanChooserOptions) {
		this.#options = options;
		this.#clock = options.clock;
	}

	start(): void {
		if (this.#running || this.#options.sources.length === 0) return;
		this.#running = true;
		for (const source of this.#options.sources) source.start();
		this.#use(0, this.#options.sources.length > 1 ? 'the first of the order' : 'the only one to be asked');
	}

	async stop(): Promise<void> {
		if (!this.#running) return;
		this.#running = false;
		await Promise.all(this.#options.sources.map((source) => source.stop()));
		await Promise.all([this.#busy, this.#climbing]);
	}

	/** The source in use; null when there is none to ask. */
	get source(): WanSourceName | null {
		return this.#running ? this.#options.sources[this.#inUse]!.name : null;
	}

	/** One sentence: why this source. */
	get why(): string {
		return this.#running ? this.#why : 'no WAN source by the settings';
	}

	/**
	 * Takes a sample now, beside the core's frame, so that both tell of the same moment; answers whether it does. It
	 * does not while one is in flight or before a slow source is due.
	 */
	tick(): boolean {
		const now = this.#clock.mono();
		if (!this.#running) return false;
		const due = !this.#busy && now >= this.#notBefore;
		if (due) {
			this.#busy = this.#sample(now).finally(() => {
				this.#busy = null;
			});
		}
		if (this.#inUse > 0 && !this.#climbing && now >= this.#upwardDue) {
			this.#upwardDue = now + upwardEveryMs;
			this.#climbing = this.#climb().finally(() => {
				this.#climbing = null;
			});
		}
		return due;
	}

	async #sample(began: number): Promise<void> {
		const use = this.#uses;
		const answer = await ask(this.#options.sources[this.#inUse]!);
		if (!this.#running || use !== this.#uses) return;
		const intervalMs = this.#pace(began);
		if (typeof answer === 'string') return this.#failed(answer);
		this.#proven ||= answer.devices.length > 0;
		this.#options.onSample(answer, intervalMs);
		if (this.#proven) this.#failures = 0;
		else this.#fellShort(answer.why);
	}

	/** Asks the better sources, beside the one in use: a dead one may take its whole timeout to answer. */
	async #climb(): Promise<void> {
		const use = this.#uses;
		for (let index = 0; index < this.#inUse; index++) {
			const answer = await ask(this.#options.sources[index]!);
			if (!this.#running || use !== this.#uses) return;
			if (typeof answer === 'string' || answer.devices.length === 0) continue;
			this.#use(index, 'it works again and comes before the others');
			this.#proven = true;
			this.#options.onSample(answer, this.#options.intervalMs);
			return;
		}
	}

	#failed(error: string): void {
		this.#options.onFailure(error, this.source!);
		this.#fellShort(error);
	}

	#fellShort(error: string): void {
		this.#failures += 1;
		this.#lastError = error;
		if (this.#failures < failuresToFall || this.#options.sources.length === 1) return;
		const next = (this.#inUse + 1) % this.#options.sources.length;
		const left = this.#options.sources[this.#inUse]!.name;
		this.#use(next, `${left} did not do: ${this.#lastError}`);
	}

	#use(index: number, reason: string): void {
		this.#inUse = index;
		this.#uses += 1;
		this.#notBefore = this.#clock.mono();
		this.#proven = false;
		this.#failures = 0;
		this.#upwardDue = this.#clock.mono() + upwardEveryMs;
		const name = this.#options.sources[index]!.name;
		this.#why = `${name}: ${reason}`;
		this.#options.onChange?.(name, this.#why);
	}

	/** ms to the next sample: the ticks', or twice what the answer took where that is more. */
	#pace(began: number): number {
		const { intervalMs } = this.#options;
		const pace = Math.max(intervalMs, 2 * (this.#clock.mono() - began));
		// A tick a little early is as good; one that misses its turn would be a whole interval late. But what comes in
		// less than half an interval tells no speed, and frames may come ten times a second.
		this.#notBefore = began + pace - earlyShare * intervalMs;
		return pace;
	}
}

async function ask(source: WanSource): Promise<WanSample | string> {
	try {
		return await source.sample();
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
