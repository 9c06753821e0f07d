// The parts of the program with their health: what each says of itself is kept, and logged when it changes.
import { Health, type HealthNews, type HealthReport } from './engine/health.ts';
import type { Clock } from './system/clock.ts';
import type { Log } from './system/log.ts';

/** What can be up or down by itself. */
export type PartName = 'mihomo' | 'wan' | 'udp' | 'status' | 'queue' | 'sync';

export class Parts {
	readonly #health: ReadonlyMap<PartName, Health>;
	readonly #clock: Clock;
	readonly #logOf: (part: string) => Log;

	constructor({ names, clock, logOf }: { names: readonly PartName[]; clock: Clock; logOf: (part: string) => Log }) {
		this.#clock = clock;
		this.#logOf = logOf;
		this.#health = new Map(names.map((name) => [name, new Health(name, this.#now())]));
	}

	/** Made anew with other settings. */
	begin(name: PartName): void {
		this.#of(name).begin(this.#now());
	}

	/** A try begins. */
	attempt(name: PartName): void {
		this.#of(name).attempt();
	}

	ok(name: PartName): void {
		this.#say(name, this.#of(name).ok(this.#now()));
	}

	/** @param why a sentence a user can act on, without secrets */
	fail(name: PartName, why: string): void {
		this.#say(name, this.#of(name).fail(this.#now(), why));
	}

	/** Something bad came, but the part goes on. */
	refuse(name: PartName, why: string): void {
		this.#of(name).refuse(why);
		this.#logOf(name).debug(why);
	}

	/** No further tries. Once is enough. */
	giveUp(name: PartName): void {
		if (this.#of(name).state !== 'given up') this.#say(name, this.#of(name).giveUp(this.#now()));
	}

	/** Switched off by the settings. */
	off(name: PartName): void {
		this.#of(name).off(this.#now());
	}

	/** Off or given up: nothing more will come of it. */
	isOver(name: PartName): boolean {
		const { state } = this.#of(name);
		return state === 'off' || state === 'given up';
	}

	/** The last error of a part that is down; null while it is not. */
	complaint(name: PartName): string | null {
		const { state } = this.#of(name);
		return state === 'down' || state === 'given up' ? this.#of(name).report(this.#now()).last_error : null;
	}

	/** To be called once a second: a part that stays down is said again, once. */
	tick(): void {
		for (const [name, health] of this.#health) this.#say(name, health.check(this.#now()));
	}

	reports(): HealthReport[] {
		return [...this.#health.values()].map((health) => health.report(this.#now()));
	}

	#of(name: PartName): Health {
		return this.#health.get(name)!;
	}

	#say(name: PartName, news: HealthNews | null) {
		if (news) this.#logOf(name)[news.level](news.text);
	}

	#now() {
		return { wall: this.#clock.wall(), mono: this.#clock.mono() };
	}
}
