// What one part of the program last said of itself: up or down, since when, how often. Pure; whoever feeds it
// logs what `ok` and `fail` answer: a part that goes down is one WARN, after 5 minutes one ERROR, its return one INFO.

export type HealthState = 'starting' | 'up' | 'down' | 'given up' | 'off';

/** One row of `health` in status.json. Times are ISO 8601 UTC. */
export interface HealthReport {
	readonly part: string;
	readonly state: HealthState;
	readonly since: string;
	readonly attempts: number;
	readonly successes: number;
	readonly failures: number;
	readonly failures_in_a_row: number;
	readonly uptime_percent: number;
	readonly last_error: string | null;
}

/** What a change of health is worth saying. */
export interface HealthNews {
	readonly level: 'info' | 'warn' | 'error';
	readonly text: string;
}

export interface Now {
	readonly wall: number;
	readonly mono: number;
}

const errorAfterMs = 5 * 60_000;

export class Health {
	readonly part: string;
	#state: HealthState = 'starting';
	#sinceWall: number;
	#sinceMono: number;
	#startMono: number;
	#upMs = 0;
	#attempts = 0;
	#successes = 0;
	#failures = 0;
	#inARow = 0;
	#lastError: string | null = null;
	#escalated = false;

	constructor(part: string, now: Now) {
		this.part = part;
		this.#sinceWall = now.wall;
		this.#sinceMono = now.mono;
		this.#startMono = now.mono;
	}

	get state(): HealthState {
		return this.#state;
	}

	/** A try began: a connect, a request. Events that need no attempt (a frame) are not counted here. */
	attempt(): void {
		this.#attempts += 1;
	}

	/** It works. */
	ok(now: Now): HealthNews | null {
		this.#successes += 1;
		this.#inARow = 0;
		if (this.#state === 'up') return null;
		const was = this.#state;
		const ms = now.mono - this.#sinceMono;
		this.#become('up', now);
		if (was === 'starting') return { level: 'info', text: 'up' };
		return { level: 'info', text: `up again after ${duration(ms)}` };
	}

	/** It failed: `error` is a sentence a user can act on, without secrets. */
	fail(now: Now, error: string): HealthNews | null {
		this.#failures += 1;
		this.#inARow += 1;
		this.#lastError = error;
		if (this.#state !== 'down') {
			this.#become('down', now);
			return { level: 'warn', text: `down: ${error}` };
		}
		return this.check(now);
	}

	/** Something bad was refused, but the part goes on (a malformed frame, a datagram). */
	refuse(error: string): void {
		this.#failures += 1;
		this.#lastError = error;
	}

	/** To be called now and then: says once when a part has been down for 5 minutes. */
	check(now: Now): HealthNews | null {
		if (this.#state !== 'down' || this.#escalated || now.mono - this.#sinceMono < errorAfterMs) return null;
		this.#escalated = true;
		return { level: 'error', text: `down for ${duration(now.mono - this.#sinceMono)}: ${this.#lastError}` };
	}

	/** No further tries (a finite retry profile has ended). */
	giveUp(now: Now): HealthNews {
		this.#become('given up', now);
		return { level: 'error', text: `given up after ${this.#inARow} failures in a row: ${this.#lastError}` };
	}

	/** Made anew with other settings: what was off or given up may work now. */
	begin(now: Now): void {
		if (this.#state === 'off' || this.#state === 'given up') this.#become('starting', now);
	}

	/** Switched off by the settings. */
	off(now: Now): void {
		this.#become('off', now);
	}

	report(now: Now): HealthReport {
		const life = now.mono - this.#startMono;
		const up = this.#upMs + (this.#state === 'up' ? now.mono - this.#sinceMono : 0);
		return {
			part: this.part,
			state: this.#state,
			since: new Date(this.#sinceWall).toISOString(),
			attempts: this.#attempts,
			successes: this.#successes,
			failures: this.#failures,
			failures_in_a_row: this.#inARow,
			uptime_percent: life > 0 ? Math.round((up / life) * 10_000) / 100 : 0,
			last_error: this.#lastError,
		};
	}

	#become(state: HealthState, now: Now) {
		if (this.#state === 'up') this.#upMs += now.mono - this.#sinceMono;
		this.#state = state;
		this.#sinceWall = now.wall;
		this.#sinceMono = now.mono;
		this.#escalated = false;
	}
}

/** "4 s", "3 min 20 s", "2 h 5 min". */
export function duration(ms: number): string {
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
	return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 60)} h`;
}
