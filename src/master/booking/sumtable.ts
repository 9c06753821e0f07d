// Sums by a number, gathered in memory: connections, bytes up, bytes down.
import { enlarged, keptSize, Places } from './places.ts';

export type VisitSums = (key: number, n: number, up: number, down: number) => void;

const firstSums = 1536;

export class SumTable {
	readonly #places = new Places();
	/** Three for each place; those that are free are 0. */
	#sums = new Float64Array(firstSums);

	get size(): number {
		return this.#places.size;
	}

	/** `key` is from 0 to 2^53 - 1. */
	add(key: number, n: number, up: number, down: number): void {
		const at = this.#places.of(key) * 3;
		if (at >= this.#sums.length) this.#sums = enlarged(this.#sums);
		this.#sums[at]! += n;
		this.#sums[at + 1]! += up;
		this.#sums[at + 2]! += down;
	}

	/** All of them, in the order they came. */
	each(visit: VisitSums): void {
		for (let place = 0; place < this.#places.size; place += 1) this.#tell(place, visit);
	}

	/** All of them, in the order of their keys. */
	eachAscending(visit: VisitSums): void {
		for (const key of this.#places.sorted()) this.#tell(this.#places.find(key), visit);
	}

	clear(): void {
		if (this.#sums.length > keptSize * 3) this.#sums = new Float64Array(firstSums);
		else this.#sums.fill(0, 0, this.#places.size * 3);
		this.#places.clear();
	}

	#tell(place: number, visit: VisitSums): void {
		const at = place * 3;
		visit(this.#places.key(place), this.#sums[at]!, this.#sums[at + 1]!, this.#sums[at + 2]!);
	}
}
