// Looks at the quotas each minute: a log line for each level that was reached, and the webhooks that wait, one after
// the other. What was told is in the store, so neither a restart nor a failure tells nobody.
import { type Clock, every } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import { askQuotas } from '../store/quotacall.ts';
import type { Store } from '../store/store.ts';
import { alertText, sendWebhook, webhookBody } from './webhook.ts';

export interface QuotaWatchOptions {
	readonly store: Pick<Store, 'settled'>;
	/** Of agents that name none. */
	readonly timezone: string;
	readonly clock: Clock;
	readonly log: Log;
}

const checkMs = 60_000;

export class QuotaWatch {
	readonly #options: QuotaWatchOptions;
	#checking: Promise<void> | null = null;
	#sending: Promise<void> | null = null;
	readonly #stopping = new AbortController();
	#stop = () => {};

	constructor(options: QuotaWatchOptions) {
		this.#options = options;
	}

	start(): void {
		this.#stop = every(this.#options.clock, checkMs, () => void this.look());
		void this.look();
	}

	/** One look, now; the one that is under way goes for it. Resolves when everybody was told who could be. */
	async look(): Promise<void> {
		this.#checking ??= this.#check()
			.catch((error: Error) => this.#failed(error))
			.finally(() => {
				this.#checking = null;
			});
		await this.#checking;
		await this.#sending;
	}

	/** What is being sent now is sent once more after the next start. */
	async stop(): Promise<void> {
		this.#stop();
		this.#stopping.abort();
		await this.#checking;
		await this.#sending;
	}

	async #check(): Promise<void> {
		const { store, timezone, clock, log } = this.#options;
		const reached = await askQuotas(store, { ask: 'check', now: clock.wall(), zone: timezone });
		for (const alert of reached) log.warn(alertText(alert));
		if (reached.length > 0) await askQuotas(store, { ask: 'logged', ids: reached.map(({ id }) => id) });
		this.#sending ??= this.#send()
			.catch((error: Error) => this.#failed(error))
			.finally(() => {
				this.#sending = null;
			});
	}

	async #send(): Promise<void> {
		const { store, clock, log } = this.#options;
		const { signal } = this.#stopping;
		while (!signal.aborted) {
			const alert = await askQuotas(store, { ask: 'due', now: clock.wall() });
			if (!alert) return;
			const outcome = await sendWebhook(alert.webhook, webhookBody(alert), { clock, signal });
			if (signal.aborted && outcome.state !== 'delivered') return;
			const givenUp = await askQuotas(store, { ask: 'settle', id: alert.id, outcome, now: clock.wall() });
			if (givenUp) log.error(`the webhook of ${alert.agent} was not reached, and is given up: ${outcome.outcome}`);
		}
	}

	#failed(error: Error): void {
		if (!this.#stopping.signal.aborted) this.#options.log.warn(`quotas: ${error.message}`);
	}
}
