// How long to leave a router alone after a failure: seconds when it is away, minutes when it refused us, because
// its web server has three slots for everybody and may count our tries.
import type { Clock } from '../system/clock.ts';
import { LuciError, type LuciErrorCode } from './lucierror.ts';

/** ms after the first failure of a kind; doubles with each more in a row, up to `max`. */
interface Wait {
	readonly first: number;
	readonly max: number;
}

const refused: Wait = { first: 2 * 60_000, max: 30 * 60_000 };
/** Only a person can mend these; but when they have, a minute is long enough to wait. */
const wrongSetting: Wait = { first: 60_000, max: 60_000 };
const restarting: Wait = { first: 5_000, max: 30_000 };
const outOfReach: Wait = { first: 500, max: 30_000 };
const none: Wait = { first: 0, max: 0 };

const waits: Record<LuciErrorCode, Wait> = {
	password: refused,
	'second-factor': refused,
	forbidden: refused,
	certificate: wrongSetting,
	redirect: wrongSetting,
	'not-luci': wrongSetting,
	'no-right': wrongSetting,
	'no-device': wrongSetting,
	away: restarting,
	'bad-answer': restarting,
	unreachable: outOfReach,
	stale: none,
	stopped: none,
};

/** ms until the next try after so many failures in a row; null = no further try. */
export type RetryDelay = (failures: number) => number | null;

export class LuciPatience {
	readonly #clock: Clock;
	readonly #retryDelay: RetryDelay | undefined;
	#untilMono = 0;
	#failures = 0;
	#error: LuciError | null = null;
	#inARow = 0;

	constructor(clock: Clock, retryDelay?: RetryDelay) {
		this.#clock = clock;
		this.#retryDelay = retryDelay;
	}

	get isOver(): boolean {
		return this.#untilMono === Number.POSITIVE_INFINITY;
	}

	/** The error to answer with instead of asking; null = ask. */
	waiting(): LuciError | null {
		return this.#clock.mono() < this.#untilMono ? this.#error : null;
	}

	/** Takes note and gives back the error, with the time of the next try where that is long. */
	failed(error: LuciError): LuciError {
		this.#inARow = this.#error?.code === error.code ? this.#inARow + 1 : 0;
		const { first, max } = waits[error.code];
		const suited = Math.min(max, first * 2 ** Math.min(this.#inARow, 30));
		const waitMs = error.code === 'stopped' ? 0 : this.#wait(error.code, suited);
		this.#untilMono = this.#clock.mono() + waitMs;
		const next = Number.isFinite(waitMs) ? `next try in ${Math.round(waitMs / 60_000)} min` : 'no further try';
		const told = waitMs < 60_000 ? error.message : `${error.message} (${next})`;
		this.#error = new LuciError(error.code, told, error.fingerprint);
		return this.#error;
	}

	done(): void {
		this.#untilMono = 0;
		this.#error = null;
		this.#inARow = 0;
		this.#failures = 0;
	}

	/** A router that refused us is left alone as long as that takes, whatever the settings say. */
	#wait(code: LuciErrorCode, suited: number): number {
		if (!this.#retryDelay) return suited;
		this.#failures += 1;
		const wished = this.#retryDelay(this.#failures) ?? Number.POSITIVE_INFINITY;
		return waits[code].first >= wrongSetting.first ? Math.max(suited, wished) : wished;
	}
}
