// POST /api/v1/sync: a body becomes a batch in the store, and the answer that docs/sync.md promises.
import type { Clock } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import { type NetmonAnswer, wireVersion } from '../../wire.ts';
import { type NetmonPart, type PackedSync, readSync } from '../batch/packing.ts';
import { isFull } from '../store/hindrance.ts';
import type { Store, Taken } from '../store/store.ts';
import type { Access, Caller } from './access.ts';
import { type Answer, Refusal, success } from './answer.ts';
import { Instances } from './instances.ts';
import type { LiveBoard } from './live.ts';
import type { ReadBody } from './route.ts';

export interface IntakeOptions {
	readonly store: Pick<Store, 'take'>;
	readonly access: Access;
	readonly live: LiveBoard;
	readonly clock: Clock;
	readonly log: Log;
}

/** Of an old agent, before it is read; netmon's are asked to keep below `netmonMaxBytes`. */
export const bodyMaxBytes = 16 * 1024 * 1024;
export const netmonMaxBytes = 1024 * 1024;

export class Intake {
	readonly #options: IntakeOptions;
	readonly #instances = new Instances();

	constructor(options: IntakeOptions) {
		this.#options = options;
	}

	/** Rejects with a `Refusal`. */
	async sync(body: ReadBody, caller: Caller): Promise<Answer> {
		const batch = await body(readSync);
		if ('error' in batch) throw new Refusal(batch.status ?? 400, batch.error);
		this.#checkCaller(batch, caller);
		const { netmon, agent } = batch;
		if (!netmon) {
			await this.#take(batch);
			const { count } = batch;
			return success({ message: `Successfully synced ${count} connections`, count });
		}
		const { live, clock, log } = this.#options;
		const before = this.#instances.conflicting(agent);
		if (!this.#instances.admit(agent, netmon.instance, clock.mono())) {
			if (!before) log.warn(`two agents call themselves ${agent}: both are refused`);
			throw new Refusal(409, `two agents call themselves ${agent}: give one of them another --agent-id`);
		}
		const { taken, acked } = await this.#take(batch);
		live.tell(agent, netmon.live, netmon.health);
		const message = taken ? `${netmon.rows} rows` : `nothing taken: rows after ${acked} are missing here`;
		const count = taken ? netmon.records : 0;
		return success({ message, count }, { netmon: this.#told(netmon, acked!) });
	}

	#checkCaller({ agents }: PackedSync, caller: Caller): void {
		for (const name of agents) {
			if (caller.agent !== null ? caller.agent !== name : this.#options.access.mustProve(name)) {
				throw new Refusal(401, `this token is not that of ${name}`);
			}
		}
	}

	async #take({ agent, netmon, parcel }: PackedSync): Promise<Taken> {
		try {
			return await this.#options.store.take({ agent, netmon, parcel });
		} catch (error) {
			this.#options.log.error(`nothing was taken: ${(error as Error).message}`);
			if (isFull(error)) throw new Refusal(507, 'the disk is full: nothing was taken', { 'Retry-After': '60' });
			throw new Refusal(500, 'the store cannot be written: nothing was taken');
		}
	}

	#told({ epoch }: NetmonPart, acked: number): NetmonAnswer {
		const next_sync_s = this.#options.live.nextSyncS;
		return { version: wireVersion, epoch, acked, next_sync_s, gzip: true, max_bytes: netmonMaxBytes };
	}
}
