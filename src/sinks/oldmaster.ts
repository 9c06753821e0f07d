// What is said to an old master (mihomo-connections-tracker): each connection that changed, with the totals of its
// life. Progress is by the number of the change, so none is skipped; the one that it refuses is set aside.
import { BadOne } from './badone.ts';
import type { Outcome } from './courier.ts';
import { type MasterOptions, noQueue, type Step } from './netmonmaster.ts';
import type { ChangedRecord } from './outbox.ts';

/** As the old agent did: about 1 MB. */
const maxRecords = 1_000;
/** On the slowest line. */
const minRecords = 10;

export class OldMaster {
	readonly #options: MasterOptions;
	readonly #badOne = new BadOne();
	#why = '';
	/** Below what was refused as too large, by the master or by something before it. */
	#most = maxRecords;
	/** The changes under suspicion; they are not the same any more when a connection among them grew. */
	#suspects: readonly number[] = [];
	/** It was asked something since `begin`. */
	#told = false;

	constructor(options: MasterOptions) {
		this.#options = options;
	}

	/** A sync begins. */
	begin(): void {
		this.#told = false;
	}

	/** One exchange. */
	async step(): Promise<Step> {
		const { outbox, courier } = this.#options;
		this.#checkSuspects();
		if (this.#badOne.alone) return this.#setAside();
		const usual = Math.min(this.#most, Math.max(minRecords, Math.floor(maxRecords * courier.share)));
		const changes = outbox.changedRecords(outbox.ackedChange, this.#badOne.portion(usual));
		if (changes.length === 0 && this.#told) return { kind: 'done', nextSyncS: 0 };
		const outcome = await this.#post(changes);
		if (outcome.kind === 'bad') {
			if (changes.length === 0) return { kind: 'blocked', why: outcome.why, askedMs: 0 };
			if (outcome.tooLarge && changes.length > 1) {
				this.#most = Math.floor(changes.length / 2);
				this.#badOne.clear();
				return { kind: 'more' };
			}
			this.#badOne.refused(changes.length);
			this.#suspects = changes.map(({ change }) => change);
			this.#why = outcome.why;
			return { kind: 'more' };
		}
		if (outcome.kind !== 'old') return this.#other(outcome);
		if (outcome.count !== changes.length) {
			return { kind: 'retry', why: `the master took ${outcome.count} of ${changes.length} connections`, askedMs: 0 };
		}
		this.#told = true;
		if (changes.length > 0) outbox.ackChanges(changes.at(-1)!.change);
		this.#badOne.taken(changes.length);
		this.#suspects = this.#suspects.slice(changes.length);
		return { kind: 'more' };
	}

	#checkSuspects(): void {
		const { outbox } = this.#options;
		const now = outbox.changedRecords(outbox.ackedChange, this.#suspects.length);
		if (!this.#suspects.every((change, index) => now[index]?.change === change)) this.#badOne.clear();
		if (!this.#badOne.searching) this.#suspects = [];
	}

	#post(changes: readonly ChangedRecord[]): Promise<Outcome> {
		const { outbox, courier, bodies } = this.#options;
		const newest = outbox.epochs().at(-1);
		if (!newest) return Promise.resolve(noQueue);
		const { epoch, acked } = newest;
		return courier.post(
			bodies.totals(
				epoch,
				acked,
				changes.map(({ record }) => record),
			),
		);
	}

	async #setAside(): Promise<Step> {
		const { outbox, allowance, onNews } = this.#options;
		if (!this.#badOne.proved) {
			const outcome = await this.#post([]);
			if (outcome.kind === 'bad') return { kind: 'blocked', why: outcome.why, askedMs: 0 };
			if (outcome.kind !== 'old') return this.#other(outcome);
			this.#badOne.prove();
		}
		const bad = outbox.changedRecords(outbox.ackedChange, 1)[0];
		if (!bad) return noQueue;
		if (!allowance.take()) return { kind: 'blocked', why: `${this.#why}, and too many others`, askedMs: 0 };
		outbox.refuseChange(bad.change, this.#why);
		this.#badOne.clear();
		this.#most = maxRecords;
		onNews(`connection ${bad.record.id} is set aside: ${this.#why}`);
		return { kind: 'more' };
	}

	#other(outcome: Exclude<Outcome, { kind: 'old' | 'bad' }>): Step {
		if (outcome.kind === 'netmon') return { kind: 'changed' };
		return outcome.kind === 'stopped' ? { kind: 'stopped' } : outcome;
	}
}
