// What is said to a netmon master: batches of rows, epochs in turns, until nothing waits; back to where a master that
// was put back from a backup is; the one row that it refuses set aside.

import type { SyncBody } from '../wire.ts';
import type { Allowance } from './allowance.ts';
import { BadOne } from './badone.ts';
import type { Courier, Outcome, Trouble } from './courier.ts';
import type { Outbox, OutboxBatch, OutboxEpoch } from './outbox.ts';
import type { SyncBodies } from './syncbody.ts';

/** `more`: call again at once. `done`: nothing waits. `changed`: there is no netmon master any more. */
export type Step =
	| { readonly kind: 'more' | 'changed' | 'stopped' }
	| { readonly kind: 'done'; readonly nextSyncS: number }
	| Trouble;

export interface MasterOptions {
	readonly courier: Courier;
	readonly bodies: SyncBodies;
	readonly outbox: Outbox;
	readonly allowance: Allowance;
	/** The master has forgotten what it was told: it was put back from a backup. */
	readonly onForgot: () => void;
	/** For the log: something that the owner should know. */
	readonly onNews: (text: string) => void;
}

/** A connection that is new brings about 1 kB, one that is known 10 bytes: bytes are what limits most batches. */
const maxRows = 2_000;
/** A body is built whole in memory, on a router: no more, whatever a master allows. */
const maxBodyBytes = 256 * 1024;
/** Also on the slowest line, and to the meanest master. */
const minBodyBytes = 8 * 1024;
/** One for each epoch is a master put back; more is a master that keeps nothing. */
const mostRewinds = 16;
/** The next body takes the others. */
const maxGaps = 100;
/** What a body has besides records and rows: the head, `live` with 50 connections, `health`. */
const headBytes = 2 * 1024;

export class NetmonMaster {
	readonly #options: MasterOptions;
	readonly #badOne = new BadOne();
	/** Where the search goes on, and the last row under suspicion. */
	#searched = { epoch: '', seq: 0 };
	/** Why the batch under suspicion was refused. */
	#why = '';
	#allowedBytes = maxBodyBytes;
	/** Below what was refused as too large, by the master or by something before it. */
	#refusedBytes = maxBodyBytes;
	#olderNext = false;
	#nextSyncS = 0;
	/** A body went through since `begin`: what is shown has been told. */
	#told = false;
	/** Since `begin`. */
	#rewinds = 0;
	/** The queue was an older copy of itself: that can be so once in a life. */
	#hasBegunAnew = false;
	/** Epochs without rows to send whose `acked` was compared with the master's. */
	#compared = new Set<string>();

	constructor(options: MasterOptions) {
		this.#options = options;
	}

	/** A master was found, and told what it has of the epoch: more than was known, or less, where it was put back. */
	greet(epoch: OutboxEpoch, answer: Outcome & { kind: 'netmon' }): Trouble | null {
		this.#compared.clear();
		this.#allowedBytes = answer.max_bytes;
		this.#refusedBytes = maxBodyBytes;
		if (answer.acked !== epoch.acked) this.#badOne.clear();
		const step = this.#take(epoch, null, answer);
		return step.kind === 'more' ? null : step;
	}

	/** A sync begins: even if there is nothing to send, what is shown is told. */
	begin(): void {
		this.#told = false;
		this.#rewinds = 0;
	}

	/** One exchange. */
	async step(): Promise<Step> {
		const { outbox, bodies, courier } = this.#options;
		const epoch = this.#choose();
		if (!epoch) return noQueue;
		if (this.#badOne.alone) return this.#setAside(epoch);
		const batch = this.#peek(epoch);
		if (batch === null && this.#told && this.#compared.has(epoch.epoch)) {
			return { kind: 'done', nextSyncS: this.#nextSyncS };
		}
		const gaps = outbox.gaps().slice(0, maxGaps);
		const body = bodies.batch(epoch.epoch, epoch.acked, batch, gaps);
		const outcome = await (this.#badOne.searching ? courier.postPlain(body) : courier.post(body));
		if (outcome.kind === 'bad') {
			if (batch === null) return this.#refusesAll(epoch, outcome.why);
			return outcome.tooLarge && batch.rows.length > 1
				? this.#tooLarge(body)
				: this.#refused(epoch, batch, outcome.why);
		}
		if (outcome.kind !== 'netmon') return this.#other(outcome);
		this.#allowedBytes = outcome.max_bytes;
		this.#nextSyncS = outcome.next_sync_s;
		const step = this.#take(epoch, batch, outcome);
		if (step.kind === 'more' && outcome.acked >= epoch.acked) {
			this.#told = true;
			this.#compared.add(epoch.epoch);
			if (gaps.length > 0) outbox.ackGaps(gaps.at(-1)!.id);
		}
		return step;
	}

	/** The newest epoch and the others in turns, so that rows of now do not wait for what piled up. */
	#choose(): OutboxEpoch | null {
		const epochs = this.#options.outbox.epochs();
		const newest = epochs.at(-1);
		if (!newest) return null;
		if (this.#badOne.searching) {
			const searched = epochs.find(({ epoch }) => epoch === this.#searched.epoch);
			if (searched) return searched;
			this.#badOne.clear();
		}
		const older = epochs.slice(0, -1).find((epoch) => this.#isWaiting(epoch));
		const turn = this.#olderNext || (this.#told && !this.#isWaiting(newest));
		this.#olderNext = !turn;
		return turn && older ? older : newest;
	}

	#isWaiting(epoch: OutboxEpoch): boolean {
		return !this.#compared.has(epoch.epoch) || this.#options.outbox.peek(epoch.epoch, epoch.acked, oneRow) !== null;
	}

	#peek({ epoch, acked }: OutboxEpoch): OutboxBatch | null {
		const room = Math.min(maxBodyBytes * this.#options.courier.share, this.#allowedBytes - headBytes);
		const maxBytes = Math.min(Math.max(minBodyBytes, room), this.#refusedBytes);
		const limits = { maxRows: this.#badOne.portion(maxRows), maxBytes };
		return this.#options.outbox.peek(epoch, acked, limits);
	}

	/** What the master says it has now, taken for what it means. */
	#take(
		{ epoch, acked, lent }: OutboxEpoch,
		batch: OutboxBatch | null,
		answer: Outcome & { kind: 'netmon' },
	): { readonly kind: 'more' } | Trouble {
		const { outbox, courier, onNews, onForgot } = this.#options;
		if (answer.epoch !== epoch) return retry('the master answered for another epoch');
		const isLive = outbox.epochs().at(-1)?.epoch === epoch;
		// An older epoch's rows are a copy's: the master may have had those that came after it.
		if (isLive && answer.acked > Math.max(lent, batch?.rows.at(-1)?.seq ?? 0)) return this.#ahead(answer.acked, lent);
		if (answer.acked < acked) {
			this.#rewinds += 1;
			if (this.#rewinds > mostRewinds) return retry('the master keeps forgetting what it acknowledged');
			const gap = outbox.rewind(epoch, answer.acked);
			onForgot();
			this.#compared.clear();
			onNews(`the master was put back: going back from row ${acked} to ${answer.acked}${gap ? `; ${gap.what}` : ''}`);
			return { kind: 'more' };
		}
		if (batch && answer.acked === acked) return retry('the master took none of the rows and gave no reason');
		outbox.ack(epoch, answer.acked);
		if (batch && this.#badOne.taken(batch.rows.filter(({ seq }) => seq <= answer.acked).length)) {
			onNews('nothing was wrong with the rows: going on without gzip');
			courier.refuseGzip();
		}
		return { kind: 'more' };
	}

	/** The master has rows that this file never gave out: once, the file was put back; again, the master is wrong. */
	#ahead(acked: number, lent: number): { readonly kind: 'more' } | Trouble {
		const { outbox, onNews } = this.#options;
		const why = `the master has rows up to ${acked} of this queue, which gave out ${lent}`;
		if (this.#hasBegunAnew) return { kind: 'blocked', why: `${why}, and so it was with the one before`, askedMs: 0 };
		this.#hasBegunAnew = true;
		this.#badOne.clear();
		outbox.beginAnew(acked);
		onNews(`${why}: its file is an older copy, and counting begins afresh`);
		return { kind: 'more' };
	}

	/** Not one row is bad, the body is: a smaller one, down to a single row. */
	#tooLarge(body: SyncBody): Step {
		this.#refusedBytes = Math.floor(JSON.stringify(body).length / 2);
		this.#badOne.clear();
		return { kind: 'more' };
	}

	#refused({ epoch }: OutboxEpoch, batch: OutboxBatch, why: string): Step {
		if (!this.#badOne.searching) this.#options.onNews(`${why}; looking for the row`);
		this.#badOne.refused(batch.rows.length);
		this.#why = why;
		this.#searched = { epoch, seq: batch.rows.at(-1)!.seq };
		return { kind: 'more' };
	}

	/** One row is left of a batch that is refused: out of the way with it, if the master takes anything at all. */
	async #setAside(epoch: OutboxEpoch): Promise<Step> {
		const { outbox, courier, bodies, allowance, onNews } = this.#options;
		const seq = outbox.peek(epoch.epoch, epoch.acked, oneRow)?.rows[0]?.seq;
		if (seq !== this.#searched.seq) {
			// The queue folded or dropped what was looked through.
			this.#badOne.clear();
			return { kind: 'more' };
		}
		if (!this.#badOne.proved) {
			const outcome = await courier.post(bodies.batch(epoch.epoch, epoch.acked, null, outbox.gaps().slice(0, maxGaps)));
			if (outcome.kind === 'bad') return this.#refusesAll(epoch, outcome.why);
			if (outcome.kind !== 'netmon') return this.#other(outcome);
			this.#badOne.prove();
		}
		if (!allowance.take()) return { kind: 'blocked', why: `${this.#why}, and too many others`, askedMs: 0 };
		const what = outbox.setAside(epoch.epoch, seq, this.#why);
		onNews(what === 'row' ? `row ${seq} is set aside: ${this.#why}` : `row ${seq} goes without its description`);
		this.#refusedBytes = maxBodyBytes;
		if (what === 'row') this.#badOne.clear();
		else this.#badOne.mended();
		return { kind: 'more' };
	}

	/** A body without rows is refused: perhaps for what is only shown. */
	async #refusesAll({ epoch, acked }: OutboxEpoch, why: string): Promise<Step> {
		const { courier, bodies, onNews } = this.#options;
		this.#badOne.clear();
		if (bodies.bare) return { kind: 'blocked', why, askedMs: 0 };
		const outcome = await courier.post(bodies.hello(epoch, acked));
		if (outcome.kind === 'bad') return { kind: 'blocked', why: outcome.why, askedMs: 0 };
		if (outcome.kind !== 'netmon') return this.#other(outcome);
		bodies.bare = true;
		onNews(`${why}; going on without what is only shown`);
		return { kind: 'more' };
	}

	#other(outcome: Exclude<Outcome, { kind: 'netmon' | 'bad' }>): Step {
		if (outcome.kind === 'old') return { kind: 'changed' };
		if (outcome.kind === 'stopped') return { kind: 'stopped' };
		return outcome;
	}
}

const oneRow = { maxRows: 1, maxBytes: 0 };

/** Its disk has failed, or a new file is about to be made. */
export const noQueue: Trouble = { kind: 'retry', why: 'there is no queue to send from now', askedMs: 0 };

function retry(why: string): Trouble {
	return { kind: 'retry', why, askedMs: 0 };
}
